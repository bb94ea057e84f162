// --- What a service uses -------------------------------------------------------------------------------------------

/** A user gets a feature (`on`) or doesn't (`off`). */
export type Variant = "on" | "off";

/** What a user was told about a flag. */
export type Decision = { readonly flag: FlagName; readonly variant: Variant; readonly on: boolean };

/** A user's id. A number is taken for its digits; without an id a flag is on at 100 % only. */
export type UserId = string | number | bigint | undefined;

/** How well the flags are known. */
export type Health = {
  /** The file that is followed; none before `open`. */
  readonly file: string | undefined;
  /** When a sound file was last taken. */
  readonly readAt: Date | undefined;
  /** What is wrong with the file now. What was last known stays in force; at the start all flags are off. */
  readonly problems: readonly string[];
};

export type OpenOptions = {
  /** Milliseconds between two looks at the file, for what a watch can't see; 1000 unless told otherwise. */
  readonly poll?: number;
  /** Told what is wrong with the file, once as it comes up; console.error unless told otherwise. */
  readonly onProblem?: (problem: string) => void;
};

/** Who gets a flag, and which keys it had when that was read. */
type State = { readonly milli: number; readonly salt: string; readonly keys: readonly Key[] };

const NOBODY = (name: string): State => ({ milli: 0, salt: name, keys: [] });

const states = new Map<string, State>(FLAGS.map((name) => [name, NOBODY(name)]));
const listeners = new Set<(decision: Decision) => void>();
const users = new AsyncLocalStorage<string | undefined>();

let follower: Follower | undefined;
let followed: string | undefined;
let readAt: Date | undefined;
let problems: readonly string[] = [];
let onProblem: (problem: string) => void = console.error;
/** Somebody asked for a user who is neither a text nor a number; that is told once. */
let odd = false;

/**
 * Reads the flags file, and follows it from then on. Throws nothing: what can't be read is told by `onProblem` and
 * `health`, and its flags are off until it can be.
 */
export function open(file: string, options: OpenOptions = {}): void {
  close();
  onProblem = options.onProblem ?? console.error;
  followed = String(file);
  if (typeof file !== "string") {
    tellOf(["`open` needs the path of the flags file"]);
    return;
  }
  const isJson = /\.json$/i.test(file);
  follower = new Follower(file, options.poll ?? 1000, (text, look) => take(read(text, isJson), look), (why) => tellOf([why]));
}

/** Ends following the file. All flags are off from then on. */
export function close(): void {
  follower?.close();
  follower = undefined;
  followed = undefined;
  readAt = undefined;
  problems = [];
  odd = false;
  for (const name of FLAGS) states.set(name, NOBODY(name));
}

/** Looks at the file now. Resolves when what it holds is in force, but for what is in doubt. */
export async function reload(): Promise<void> {
  await follower?.look();
}

/** True if this user gets the flag. Without a user it is on at 100 % only: chance would not be sticky. */
export function isEnabled(flag: FlagName, userId: UserId): boolean {
  const state = states.get(flag);
  if (state === undefined) return false;
  const user = idOf(userId);
  const on = state.milli === FULL || (state.milli > 0 && user !== undefined && bucketOf(state.salt, user) < state.milli);
  const decision: Decision = { flag, variant: on ? "on" : "off", on };
  for (const listener of listeners) {
    try {
      listener(decision);
    } catch (error) {
      // What counts decisions must not break them.
      report(`a listener of decisions failed: ${reason(error)}`);
    }
  }
  return on;
}

/** Returns the bucket of a user, 0 to 99,999: the flag is on for those whose bucket is below its exposure × 1,000. */
export function bucket(flag: FlagName, userId: string | number | bigint): number {
  return bucketOf(states.get(flag)?.salt ?? flag, idOf(userId) ?? "");
}

/** Every flag as the present user has it, the one of `withUser`; asked anew at each access. */
export const featureFlags: FeatureFlags = FLAGS.reduce(
  (flags, name) => Object.defineProperty(flags, name, { enumerable: true, get: () => isEnabled(name, currentUser()) }),
  Object.create(null),
);

/** Runs something, and all that it starts, for this user. */
export function withUser<T>(userId: UserId, run: () => T): T {
  return users.run(idOf(userId), run);
}

/** Returns the user of the innermost `withUser`. */
export function currentUser(): string | undefined {
  return users.getStore();
}

/**
 * Makes a middleware (Express, Connect) or an `onRequest` hook (Fastify) that handles each request for its user.
 * To be placed behind whatever reads bodies.
 */
export function perUser<Request>(
  userOf: (request: Request) => UserId,
): (request: Request, response: unknown, next: (error?: Error) => void) => void {
  return (request, _response, next) => {
    let user: UserId;
    try {
      user = userOf(request);
    } catch (error) {
      next(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    withUser(user, () => next());
  };
}

/** Tells every decision to a listener, for counters by flag and variant. Returns what ends that. */
export function onDecision(listener: (decision: Decision) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Returns the exposure of each flag that this process serves, in percent. */
export function exposures(): Record<FlagName, number> {
  return Object.fromEntries(FLAGS.map((name) => [name, (states.get(name)?.milli ?? 0) / 1000])) as Record<FlagName, number>;
}

/** Tells how well the flags are known. */
export function health(): Health {
  return { file: followed, readAt, problems };
}

/** Returns the text of an id, if it is one. */
function idOf(userId: UserId): string | undefined {
  if (typeof userId === "string") return userId === "" ? undefined : userId;
  if (typeof userId === "bigint" || Number.isSafeInteger(userId)) return String(userId);
  if (userId !== undefined && userId !== null && !odd) {
    odd = true;
    const what = typeof userId === "number" ? `the number ${String(userId)}` : `a value of the type ${typeof userId}`;
    report(`${what} was asked for as a user: an id is a text or a whole number, and nobody else has one`);
  }
  return undefined;
}

/**
 * Takes what a reading tells. One in doubt can take a flag away from users, but give it to nobody. True if it tells
 * something that is to be believed once it has stood for longer.
 */
function take({ flags, doubt }: Reading, look: Look): boolean {
  let isUnsure = false;
  const found: string[] = doubt === undefined ? [] : [`${doubt}; what was last known stays`];
  for (const name of FLAGS) {
    const now = states.get(name) ?? NOBODY(name);
    const told = flags.get(name);
    if (told === undefined) {
      if (doubt !== undefined) continue;
      states.set(name, { ...NOBODY(name), keys: now.keys });
      found.push(`it has no flag ${JSON.stringify(name)}, which is off therefore`);
      continue;
    }
    const said = agreed(told);
    if ("why" in said) {
      found.push(`${JSON.stringify(name)} stays as it was: ${said.why}`);
      continue;
    }
    const lost = lacking(KEYS.get(name) ?? [], said);
    const unsure = lost === undefined && !look.settled ? unsureOf(now, said, look) : undefined;
    if (lost === undefined && unsure === undefined && doubt === undefined) {
      states.set(name, said);
      continue;
    }
    // Never more users than before, and never others.
    const milli = lost !== undefined && look.settled && doubt === undefined ? 0 : Math.min(now.milli, said.milli);
    states.set(name, { ...now, milli });
    isUnsure ||= lost !== undefined || unsure !== undefined;
    const whole = `${JSON.stringify(name)} is given to nobody new`;
    if (lost !== undefined) found.push(`${whole}: it has no ${lost}, and had one when this module was written`);
    else if (unsure !== undefined) found.push(`${whole} until the file has stood for a second: ${unsure}`);
  }
  if (doubt === undefined) readAt = new Date();
  tellOf(found);
  return isUnsure;
}

/** Returns what makes more users, or others, doubtful in a text that has not stood for long. */
function unsureOf(now: State, said: State, { isPartial }: Look): string | undefined {
  const lost = lacking(now.keys, said);
  if (lost !== undefined) return `it has lost its ${lost}`;
  const gives = said.milli > now.milli || (said.milli > 0 && said.milli < FULL && said.salt !== now.salt);
  return gives && isPartial ? "the text is shorter than before, or ends within a line" : undefined;
}

/** Returns what all entries of a flag tell, if they tell the same. */
function agreed(told: Told[]): Told {
  const [first, ...others] = told;
  if (first === undefined) return { why: "nothing is told" };
  const isSame = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return isSame ? first : { why: "it stands twice with different values" };
}

function tellOf(found: readonly string[]): void {
  const known = problems;
  problems = found;
  for (const problem of found.filter((problem) => !known.includes(problem))) report(`${followed}: ${problem}`);
}

/** Reports a problem. What hears of problems must not make another one. */
function report(problem: string): void {
  try {
    onProblem(problem);
  } catch (error) {
    console.error(problem, error);
  }
}
