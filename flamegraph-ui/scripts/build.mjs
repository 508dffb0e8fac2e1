// Builds the page for Maven: installs packages when the lock file has changed, and builds when a source is newer.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const out = "target/classes/META-INF/flarepath-ui";
const installStamp = "node_modules/.flarepath-lock";
const buildStamp = "target/page-sources";

/** One hash over files: their paths and contents. */
function hashOf(paths) {
  const hash = createHash("sha256").update(process.version);
  for (const path of paths.sort()) hash.update(path).update(readFileSync(path));
  return hash.digest("hex");
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

function same(stamp, hash) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
}

function npm(...args) {
  const env = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: "1" };
  const { status, error } = spawnSync("npm", args, { stdio: ["ignore", "inherit", "inherit"], env });
  if (error) {
    console.error(`npm cannot be started (${error.message}): the page needs Node 20.19 or newer with npm on the PATH`);
    process.exit(1);
  }
  if (status !== 0) process.exit(status ?? 1);
}

const lock = hashOf(["package.json", "package-lock.json", ".npmrc"]);
if (!same(installStamp, lock)) {
  npm("ci", "--silent");
  writeFileSync(installStamp, lock);
}

const sources = hashOf([
  "package-lock.json",
  "index.html",
  "tsconfig.json",
  "vite.config.ts",
  ...filesUnder("src"),
  ...filesUnder("public"),
  ...filesUnder("scripts"),
]);
if (!same(buildStamp, sources) || !existsSync(join(out, "index.html"))) {
  npm("run", "--silent", "build");
  mkdirSync("target", { recursive: true });
  writeFileSync(buildStamp, sources);
}
