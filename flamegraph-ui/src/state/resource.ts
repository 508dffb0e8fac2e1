import { signal, type Signal } from "@preact/signals";
import { ApiError } from "../api/client";

/** Something that is loaded: what there is, whether newer is under way, and what went wrong. */
export interface Loaded<T> {
  /** The last good answer; kept while the next one is loaded, and when it fails. */
  data: T | null;
  /** When the running request was started; null when none runs. */
  since: number | null;
  error: ApiError | null;
  /** Whether data answers another question than the one asked last. */
  stale: boolean;
}

/** Loads one thing at a time: a newer request aborts the older one. */
export class Resource<T> {
  readonly state: Signal<Loaded<T>> = signal({ data: null, since: null, error: null, stale: false });
  private key = "";
  private question = "";
  private running: AbortController | null = null;

  get value(): Loaded<T> {
    return this.state.value;
  }

  /**
   * Loads what a key stands for. The same key again does nothing, unless its request had failed.
   * Keys of one question ask for newer data of the same: what there is does not become stale.
   */
  load(key: string, request: (signal: AbortSignal) => Promise<T>, question = key): void {
    const { error, since } = this.state.peek();
    if (key === this.key && !error) return;
    if (key === this.key && since !== null) return;
    this.key = key;
    this.running?.abort();
    const abort = new AbortController();
    this.running = abort;
    const before = this.state.peek();
    const stale = before.data !== null && (before.stale || question !== this.question);
    this.question = question;
    this.state.value = { data: before.data, since: Date.now(), error: null, stale };
    request(abort.signal).then(
      (data) => this.settle(abort, { data, since: null, error: null, stale: false }),
      (error: unknown) => this.settle(abort, { ...this.state.peek(), since: null, error: asApiError(error) }),
    );
  }

  /** Stops what is under way and keeps what there is. */
  cancel(): void {
    if (!this.running) return;
    this.running.abort();
    this.running = null;
    const error = new ApiError(0, "cancelled", "You cancelled the request.", "");
    this.state.value = { ...this.state.peek(), since: null, error };
  }

  /** Forgets everything. */
  clear(): void {
    this.running?.abort();
    this.running = null;
    this.key = "";
    this.state.value = { data: null, since: null, error: null, stale: false };
  }

  private settle(abort: AbortController, next: Loaded<T>): void {
    if (this.running !== abort || abort.signal.aborted) return;
    this.running = null;
    this.state.value = next;
  }
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "defect", error instanceof Error ? error.message : String(error), "");
}
