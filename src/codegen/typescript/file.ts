// --- Following the file --------------------------------------------------------------------------------------------

/** How long a file has to stand still before it is taken: longer than the grain of a file's time. */
const STILL = 20;

/** Follows one file: its folder is watched, and it is looked at now and then for what a watch can't see. */
class Follower {
  readonly #file: string;
  readonly #take: (text: string) => void;
  readonly #fail: (why: string) => void;
  #watcher: FSWatcher | undefined;
  /** Which folder is watched. */
  #watched = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Which state of the file was taken. */
  #taken = "";
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(file: string, poll: number, take: (text: string) => void, fail: (why: string) => void) {
    this.#file = resolve(file);
    this.#take = take;
    this.#fail = fail;
    try {
      // A file that changes while it is read is told by its stamp; then it is looked at again, without haste.
      const before = stamp(statSync(this.#file, { bigint: true }));
      const text = decoded(readFileSync(this.#file));
      if (stamp(statSync(this.#file, { bigint: true })) === before) this.#take(text);
    } catch (error) {
      this.#fail(reason(error));
    }
    this.#watch();
    // Neither keeps the process alive.
    this.#timer = setInterval(() => void this.look(), poll);
    this.#timer.unref();
    void this.look();
  }

  /** Looks whether the file has changed, and takes what it holds if so. Resolves when that is done. */
  look(): Promise<void> {
    this.#again = true;
    this.#looking ??= this.#looks().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #looks(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#once();
      } catch (error) {
        this.#taken = "";
        if (!this.#closed) this.#fail(reason(error));
      }
      this.#watch();
    }
  }

  async #once(): Promise<void> {
    const before = stamp(await stat(this.#file, { bigint: true }));
    if (before === this.#taken) return;
    // Not what a writer has half written.
    await new Promise((done) => setTimeout(done, STILL));
    const text = decoded(await readFile(this.#file));
    if (this.#closed) return;
    if (stamp(await stat(this.#file, { bigint: true })) !== before) {
      this.#again = true;
    } else if (!this.#closed) {
      this.#taken = before;
      this.#take(text);
    }
  }

  /** Watches the folder rather than the file: a file that is replaced is another one. */
  #watch(): void {
    if (this.#closed) return;
    const folder = dirname(this.#file);
    try {
      const { dev, ino } = statSync(folder, { bigint: true });
      if (this.#watcher !== undefined && this.#watched === `${dev}:${ino}`) return;
      this.#watcher?.close();
      this.#watched = `${dev}:${ino}`;
      this.#watcher = watch(folder, () => void this.look());
      this.#watcher.on("error", () => this.#unwatch());
      this.#watcher.unref();
    } catch {
      // No folder, or no watches left: the timer still looks.
      this.#unwatch();
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = "";
  }

  close(): void {
    this.#closed = true;
    this.#unwatch();
    clearInterval(this.#timer);
  }
}

/** Returns which state of which file this is. A replacement is another file, a write another time. */
function stamp(stats: BigIntStats): string {
  if (!stats.isFile()) throw new Error("it is no regular file");
  return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error("it is not UTF-8");
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
