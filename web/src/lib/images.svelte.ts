// Images that go with a question: chosen, dropped or pasted. They stay in this tab.
import { bytes, plural } from "./format";

export const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
export const MOST = 8;
export const MOST_BYTES = 5_000_000; // that every vendor's models take

export interface Image {
  name: string;
  type: string;
  address: string; // data:
}

export class Images {
  list = $state.raw<Image[]>([]);
  refused = $state(""); // why not all were taken

  async take(files: Iterable<File>): Promise<void> {
    const said: string[] = [];
    for (const file of files) {
      const why = refusal(file, this.list.length);
      if (why) said.push(why);
      else this.list = [...this.list, { name: file.name, type: file.type, address: await read(file) }];
    }
    this.refused = said.join(" ");
  }

  drop(image: Image): void {
    this.list = this.list.filter((one) => one !== image);
    this.refused = "";
  }

  /** They go with one question. */
  give(): Image[] {
    const given = this.list;
    this.list = [];
    this.refused = "";
    return given;
  }
}

export function sent({ address, type }: Image): { data: string; media_type: string } {
  return { data: address.slice(address.indexOf(",") + 1), media_type: type };
}

function refusal(file: File, have: number): string {
  if (!TYPES.includes(file.type)) return `${file.name} is no PNG, JPEG, WebP or GIF.`;
  if (file.size > MOST_BYTES)
    return `${file.name} has ${bytes(file.size)}; an image may have ${bytes(MOST_BYTES)}.`;
  return have < MOST ? "" : `${file.name} is one too many: a question takes ${plural(MOST, "image")}.`;
}

function read(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
