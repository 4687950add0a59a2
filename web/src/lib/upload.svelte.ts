// Files on their way in: sent, then worked on by a job whose events say how far it is.
import { caught, get, headers, problem, away, type Problem } from "./api";
import { events } from "./events";
import type { Job, Progress, Report } from "./types";

export class Upload {
  readonly names: string[];
  sent = $state(0); // share of the bytes
  job = $state.raw<Job | null>(null);
  progress = $state.raw<Progress | null>(null);
  report = $state.raw<Report | null>(null);
  problem = $state.raw<Problem | null>(null);

  constructor(names: string[]) {
    this.names = names;
  }

  get over(): boolean {
    return this.report !== null || this.problem !== null;
  }

  async run(files: File[], collection: string, onDone: () => void): Promise<void> {
    try {
      this.job = await send(files, collection, (share) => (this.sent = share));
      this.report = await follow(this.job, (progress) => (this.progress = progress));
      onDone();
    } catch (error) {
      this.problem = caught(error);
    }
  }
}

/** A job until it is over. A stream that was cut off is asked for again. */
export async function follow(job: Job, on: (progress: Progress) => void): Promise<Report | null> {
  const path = `/v1/jobs/${job.id}`;
  for (let tries = 0; tries < 100; tries++) {
    for await (const { name, data } of events(path, {})) {
      if (name === "progress") on(JSON.parse(data) as Progress);
      if (name === "done") return (await get<Job>(path)).report;
    }
    await new Promise((go) => setTimeout(go, 2000));
  }
  throw away();
}

/** fetch does not say how much of a body has gone; this does. */
function send(files: File[], collection: string, on: (share: number) => void): Promise<Job> {
  const form = new FormData();
  form.append("collection", collection);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "./v1/documents");
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => on(event.total ? event.loaded / event.total : 0);
    request.onerror = () => reject(away());
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as Job);
      else reject(problem(request.status, request.responseText));
    };
    request.send(form);
  });
}
