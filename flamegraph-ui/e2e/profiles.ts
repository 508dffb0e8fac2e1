/** Made-up profiles by seed: the same seed is the same profile. Columns are those of /api/v1/flamegraph. */

export interface Columns {
  names: string[];
  files: string[];
  mappings: string[];
  buildIds: string[];
  kinds: string[];
  nodes: {
    parent: number[];
    name: number[];
    file: number[];
    mapping: number[];
    kind: number[];
    flags: number[];
    self: number[];
    total: number[];
  };
}

/** mulberry32: small, even, and the same everywhere. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class Builder {
  readonly columns: Columns = {
    names: [""],
    files: [""],
    mappings: [""],
    buildIds: [""],
    kinds: [""],
    nodes: { parent: [-1], name: [0], file: [0], mapping: [0], kind: [0], flags: [0], self: [0], total: [0] },
  };
  private readonly indices = new Map<string, number>();

  private index(list: string[], which: string, text: string): number {
    if (text === "") return 0;
    const key = `${which} ${text}`;
    let at = this.indices.get(key);
    if (at === undefined) {
      at = list.push(text) - 1;
      this.indices.set(key, at);
    }
    return at;
  }

  add(parent: number, name: string, kind: string, self: number, mapping = "", file = "", flags = 0): number {
    const { nodes, names, files, mappings, buildIds, kinds } = this.columns;
    nodes.parent.push(parent);
    nodes.name.push(this.index(names, "n", name));
    nodes.file.push(this.index(files, "f", file));
    nodes.mapping.push(this.index(mappings, "m", mapping));
    while (buildIds.length < mappings.length) buildIds.push(`${mapping.length.toString(16).padStart(2, "0")}c0ffee`);
    nodes.kind.push(this.index(kinds, "k", kind));
    nodes.flags.push(flags);
    nodes.self.push(self);
    nodes.total.push(0);
    return nodes.parent.length - 1;
  }

  done(): Columns {
    const { parent, self, total } = this.columns.nodes;
    for (let n = parent.length - 1; n >= 0; n--) {
      total[n] += self[n];
      if (n > 0) total[parent[n]] += total[n];
    }
    return this.columns;
  }
}

const MS = 1e6;

/** A web shop: Java with a native and a kernel part, whose shares are known. */
export function shop(scale = 1, parseJson = 1, gcWork = 1): Columns {
  const b = new Builder();
  const ms = (value: number) => Math.round(value * scale) * MS;
  const jvm = (parent: number, name: string, self: number, file = "", flags = 0) => b.add(parent, name, "jvm", ms(self), "", file, flags);
  const thread = b.add(0, "start_thread", "native", 0, "libc.so.6", "pthread_create.c");
  const run = jvm(thread, "java/lang/Thread.run", 0, "Thread.java");
  const loop = jvm(run, "io/vertx/core/impl/EventLoop.run", 200, "EventLoop.java");
  const handle = jvm(loop, "com/shop/http/Router.handle", 300, "Router.java");
  const render = jvm(handle, "com/shop/page/Page.render", 1200, "Page.java");
  const parse = jvm(render, "com/shop/json/Json.parse", 2200 * parseJson, "Json.java");
  jvm(parse, "com/shop/json/Json.readString", 900, "Json.java", 1);
  jvm(parse, "com/shop/json/Json.skipSpace", 250, "Json.java", 1);
  const template = jvm(render, "com/shop/page/Template.apply", 700, "Template.java");
  jvm(template, "java/util/regex/Pattern.matcher", 480, "Pattern.java");
  const send = jvm(handle, "io/netty/channel/epoll/Native.writev", 150, "Native.java");
  const libc = b.add(send, "__libc_writev", "native", ms(60), "libc.so.6");
  const entry = b.add(libc, "entry_SYSCALL_64_after_hwframe", "kernel", ms(40));
  const sys = b.add(entry, "do_syscall_64", "kernel", ms(60));
  const tcp = b.add(sys, "tcp_sendmsg", "kernel", ms(520));
  b.add(tcp, "__tcp_push_pending_frames", "kernel", ms(310));
  const gc = b.add(thread, "G1ParTask::work(unsigned int)", "native", ms(240), "libjvm.so", "g1YoungCollector.cpp");
  b.add(gc, "G1ParScanThreadState::trim_queue_to_threshold(unsigned int)", "native", ms(820 * gcWork), "libjvm.so");
  b.add(gc, "G1ParCopyClosure<G1BarrierCLD, false>::do_oop(oopDesc**)", "native", ms(180), "libjvm.so");
  // Found by a frame pointer, in a binary without unwind rules.
  const loader = b.add(0, "legacy_main", "native", ms(30), "legacy", "", 4);
  b.add(loader, "legacy_hash", "native", ms(260), "legacy", "", 4);
  const rust = b.add(0, "tokio::runtime::scheduler::worker::run", "rust", ms(40), "sidecar", "worker.rs");
  b.add(rust, "<ring::aead::LessSafeKey as ring::Seal>::seal_in_place", "rust", ms(360), "sidecar");
  const go = b.add(0, "runtime.goexit", "go", 0, "exporter");
  b.add(go, "net/http.(*conn).serve", "go", ms(310), "exporter", "server.go");
  if (parseJson > 1) jvm(parse, "com/shop/json/Json.checkDepth", 420);
  else jvm(template, "com/shop/page/Cache.get", 390);
  const stripped = b.add(0, "redis-server+0x4a1c0", "native", ms(180), "redis-server");
  const deeper = b.add(stripped, "redis-server+0x4b2d0", "native", ms(90), "redis-server");
  b.add(deeper, "memcpy", "native", ms(60), "libc.so.6");
  b.add(stripped, "redis-server+0x5f000", "native", ms(40), "redis-server");
  const cut = b.add(0, "[stack-too-deep]", "error", 0);
  b.add(cut, "com/shop/deep/Recursion.step", "jvm", ms(140), "", "Recursion.java");
  for (let i = 0; i < 24; i++) jvm(template, `com/shop/page/Helper${i}.call`, 3 + (i % 4));
  b.add(render, "other", "", ms(160), "", "", 2);
  return b.done();
}

/** What lies inside the shop's "other" of Page.render, as a focused request gets it. */
export function shopFocused(path: readonly string[]): Columns {
  const b = new Builder();
  let at = 0;
  for (const name of path) at = b.add(at, name, name.includes("/") ? "jvm" : "native", 0);
  for (let i = 0; i < 40; i++) b.add(at, `com/shop/page/Small${i}.call`, "jvm", (40 - i) * MS);
  return b.done();
}

/** A random tree of about `size` nodes with stacks 30 to 90 deep. */
export function large(size: number, seed: number): Columns {
  const b = new Builder();
  const next = random(seed);
  const kinds = ["jvm", "jvm", "jvm", "native", "kernel", "go", "rust"];
  const open: { node: number; depth: number }[] = [{ node: 0, depth: 0 }];
  let made = 1;
  while (made < size) {
    let { node, depth } = open[Math.floor(next() * open.length)];
    const kind = kinds[Math.floor(next() * kinds.length)];
    const deep = 30 + Math.floor(next() * 60);
    while (depth < deep && made < size) {
      const name = `pkg${Math.floor(next() * 40)}/Class${Math.floor(next() * 200)}.method${Math.floor(next() * 30)}`;
      node = b.add(node, name, kind, Math.ceil(next() ** 4 * 50) * MS, kind === "native" ? "libfoo.so" : "");
      depth++;
      made++;
      if (next() < 0.25) open.push({ node, depth });
    }
  }
  return b.done();
}

/** Two profiles as one answer of /api/v1/diff; equal paths become one node. */
export function diffColumns(a: Columns, b: Columns) {
  const merged = new Builder();
  const sides = { selfA: [0], totalA: [0], selfB: [0], totalB: [0] };
  const byPath = new Map<string, number>();
  const place = (from: Columns, self: number[], total: number[]) => {
    const to = new Int32Array(from.nodes.parent.length);
    self[0] += from.nodes.self[0];
    total[0] += from.nodes.total[0];
    for (let n = 1; n < to.length; n++) {
      const { nodes } = from;
      const parent = to[nodes.parent[n]];
      const key = `${parent}\0${from.names[nodes.name[n]]}\0${from.kinds[nodes.kind[n]]}\0${nodes.flags[n]}`;
      let node = byPath.get(key);
      if (node === undefined) {
        node = merged.add(parent, from.names[nodes.name[n]], from.kinds[nodes.kind[n]], 0, from.mappings[nodes.mapping[n]], from.files[nodes.file[n]], nodes.flags[n]);
        byPath.set(key, node);
        for (const column of Object.values(sides)) column.push(0);
      }
      to[n] = node;
      self[node] += nodes.self[n];
      total[node] += nodes.total[n];
    }
  };
  place(a, sides.selfA, sides.totalA);
  place(b, sides.selfB, sides.totalB);
  const { names, files, mappings, buildIds, kinds, nodes } = merged.columns;
  const { self: _self, total: _total, ...columns } = nodes;
  return { names, files, mappings, buildIds, kinds, nodes: { ...columns, ...sides } };
}
