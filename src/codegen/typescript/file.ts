// --- Following the file --------------------------------------------------------------------------------------------

/** How long a file has to stand still before it is taken: longer than the grain of a file's time. */
const STILL = 20;

/** How long a text has to stand that looks half written, before it is taken for meant. */
const SETTLED = 1000;

/** How a text was come upon. */
type Look = {
  /** It may be the beginning of a longer one. */
  readonly isPartial: boolean;
  /** It has stood for long enough to be meant. */
  readonly settled: boolean;
};

/** What is known of the last text that was whole: which file it was in, its size, and whether it ended in a line. */
type Whole = { readonly inode: string; readonly size: bigint; readonly isOpen: boolean };

/** Follows one file: its folder is watched, and it is looked at now and then for what a watch can't see. */
class Follower {
  readonly #file: string;
  readonly #take: (text: string, look: Look) => boolean;
  readonly #fail: (why: string) => void;
  #watcher: FSWatcher | undefined;
  /** Which folder is watched. */
  #watched = "";
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Which state of the file was taken. */
  #taken = "";
  /** Since when the file is in this state. */
  #seen = { state: "", since: 0 };
  /** Something that was taken is to be believed when it has stood for longer. */
  #unsure = false;
  #later: ReturnType<typeof setTimeout> | undefined;
  #whole: Whole | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(file: string, poll: number, take: (text: string, look: Look) => boolean, fail: (why: string) => void) {
    this.#file = resolve(file);
    this.#take = take;
    this.#fail = fail;
    try {
      // A file that changes while it is read is told by its stamp; then it is looked at again, without haste.
      const stats = statSync(this.#file, { bigint: true });
      const text = decoded(readFileSync(this.#file));
      if (stamp(statSync(this.#file, { bigint: true })) === stamp(stats)) {
        this.#takes(text, stats, Math.abs(Date.now() - Number(stats.mtimeMs)) >= SETTLED);
      }
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
        this.#seen = { state: "", since: 0 };
        if (!this.#closed) this.#fail(reason(error));
      }
      this.#watch();
    }
  }

  async #once(): Promise<void> {
    const stats = await stat(this.#file, { bigint: true });
    const before = stamp(stats);
    if (before !== this.#seen.state) this.#seen = { state: before, since: performance.now() };
    const settled = performance.now() - this.#seen.since >= SETTLED;
    if (before === this.#taken && !(this.#unsure && settled)) return;
    // Not what a writer has half written.
    await new Promise((done) => setTimeout(done, STILL));
    const text = decoded(await readFile(this.#file));
    if (this.#closed) return;
    if (stamp(await stat(this.#file, { bigint: true })) !== before) {
      this.#again = true;
    } else if (!this.#closed) {
      this.#taken = before;
      this.#takes(text, stats, settled);
    }
  }

  #takes(text: string, stats: BigIntStats, settled: boolean): void {
    const whole: Whole = { inode: `${stats.dev}:${stats.ino}`, size: stats.size, isOpen: !/[\n}\]]\s*$/.test(text) };
    const isPartial = !settled && this.#isPartial(whole, stats);
    if (!isPartial) this.#whole = whole;
    this.#unsure = (this.#take(text, { isPartial, settled }) || isPartial) && !settled;
    clearTimeout(this.#later);
    if (!this.#unsure) return;
    this.#later = setTimeout(() => void this.look(), SETTLED + STILL);
    this.#later.unref();
  }

  /** True for what a writer may have begun and not ended: not for a file that was written elsewhere and put in place. */
  #isPartial(now: Whole, stats: BigIntStats): boolean {
    const before = this.#whole;
    if (before?.inode === now.inode) return now.isOpen || now.size < before.size;
    return now.isOpen && before?.isOpen !== true && stats.ctimeNs === stats.mtimeNs;
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
    clearTimeout(this.#later);
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
