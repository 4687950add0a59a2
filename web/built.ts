// Notes in the built page which sources it was built from, so that a test can say when it is
// stale. tests/page/test_built.py computes the same.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export function built(): Plugin {
  return {
    name: "built",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "built.txt", source: `${fingerprint(".")}\n` });
    },
  };
}

function fingerprint(root: string): string {
  const hash = createHash("sha256");
  for (const path of sources(root).sort()) {
    hash.update(`${path}\n`).update(createHash("sha256").update(readFileSync(join(root, path))).digest("hex"));
  }
  return hash.digest("hex");
}

function sources(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).replaceAll("\\", "/"))
    .filter((path) => !path.split("/").includes("node_modules"));
}
