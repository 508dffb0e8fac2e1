// Puts a .gz beside every text file of the build, so that the service compresses nothing at run time.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const folder = process.env.FLAREPATH_UI_OUT ?? "target/classes/META-INF/flarepath-ui";

for (const name of readdirSync(folder, { recursive: true })) {
  if (!/\.(html|js|css|svg)$/.test(name)) continue;
  writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, name)), { level: 9 }));
}
