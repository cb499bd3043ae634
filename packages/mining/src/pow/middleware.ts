/**
 * `@inos/mining/pow/middleware`: a guard for node:http, Express and Hono. It gives challenges out at one address and
 * lets requests pass that bring a solution. Frameworks are known by their shape alone: none is imported.
 */
import { InosError } from '@inos/sdk/errors';
import {
  createChallenge,
  requirePowOptions,
  verify,
  type ChallengeFormat,
  type ChallengeOptions,
  type Verified,
  type VerifyOptions,
} from './challenge.js';
import { requireDifficulty } from './difficulty.js';
import { malformed } from './errors.js';
import { requireSecrets } from './signature.js';
import { requireStore } from './store.js';

/** Where a solution is looked for: a header of this name, and a form field. */
export const SOLUTION_FIELD = 'inos-pow';
/** The field that ALTCHA's own widget puts its solutions into. */
const ALTCHA_FIELD = 'altcha';

/** Options of all guards; `Request` is the framework's own. */
export interface GuardOptions<Request>
  extends
    Omit<ChallengeOptions, 'difficulty' | 'context' | 'nowMs'>,
    Pick<VerifyOptions, 'secret' | 'store'> {
  /**
   * Where challenges are given out, as a path.
   * @default '/pow/challenge'
   */
  readonly path?: string;
  /**
   * How many hashes it takes on average: for everybody, or as the request deserves. A solution must have been as hard
   * as the request that brings it deserves, not only the one that asked for the challenge.
   */
  readonly difficulty: number | ((request: Request) => number | Promise<number>);
  /**
   * What challenges are for: for everybody, or by the request. Both requests must give the same.
   * @default ''
   */
  readonly context?: string | ((request: Request) => string | Promise<string>);
  /**
   * Which requests must bring a solution.
   * @default all but GET, HEAD and OPTIONS
   */
  readonly isGuarded?: (request: Request) => boolean;
  /**
   * Where the solution is.
   * @default the header `inos-pow`, else a field of that name, or named `altcha`, in a body that was parsed before
   */
  readonly solution?: (request: Request) => unknown;
}

/** A request as node:http and Express have it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What Express' parsers put there. */
  readonly body?: unknown;
  /** What the solution proved, once it has passed. */
  pow?: Verified;
}

/** A response as node:http and Express have it. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(text: string): unknown;
}

/** A context as Hono has it. */
export interface HonoContext {
  readonly req: {
    readonly method: string;
    readonly path: string;
    header(name: string): string | undefined;
    parseBody(): Promise<Record<string, unknown>>;
  };
  set(key: 'pow', value: Verified): void;
  body(text: string, status: number, headers: Record<string, string>): Response;
}

/** What a guard answers itself. */
interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** A framework's request: what the guard asks of it. */
interface View<Request> {
  readonly method: (request: Request) => string;
  readonly path: (request: Request) => string;
  readonly solution: (request: Request) => unknown;
}

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];
const MALFORMED = 400;
const FORBIDDEN = 403;
const FAILED = 500;
const UNAVAILABLE = 503;

const STATUSES: Readonly<Record<string, number>> = {
  'mining/challenge-malformed': MALFORMED,
  'mining/challenge-unsupported': MALFORMED,
  'mining/store-full': UNAVAILABLE,
};

function reply(status: number, type: string, text: string): Reply {
  return { status, headers: { 'Content-Type': type, 'Cache-Control': 'no-store' }, text };
}

/** A refusal as its code and message; what isn't about the solution is the server's own failure, and thrown on. */
function refusal(error: unknown): Reply {
  if (!(error instanceof InosError) || !error.code.startsWith('mining/')) throw error;
  const { code, message } = error;
  return reply(
    STATUSES[code] ?? FORBIDDEN,
    'application/json',
    JSON.stringify({ error: { code, message } }),
  );
}

type Guard<Request> = (request: Request) => Promise<Reply | Verified | undefined>;

/** Decides about a request: answers it, lets it pass with what it proved, or has nothing to do with it. */
function guardOf<Request>(options: GuardOptions<Request>, view: View<Request>): Guard<Request> {
  const {
    path = '/pow/challenge',
    difficulty,
    context = '',
    secret,
    store,
  } = requirePowOptions(options);
  // Now, not with the first request: a guard that can't work is no guard.
  requireSecrets(secret);
  requireStore(store);
  if (typeof difficulty !== 'function') requireDifficulty(difficulty);
  const isGuarded =
    options.isGuarded ?? ((request) => !SAFE_METHODS.includes(view.method(request)));
  const solution = options.solution ?? view.solution;
  const contextOf = async (request: Request) =>
    typeof context === 'function' ? context(request) : context;
  const difficultyOf = async (request: Request) =>
    typeof difficulty === 'function' ? difficulty(request) : difficulty;
  const give = async (request: Request) => {
    const asked = await difficultyOf(request);
    const terms = { ...options, difficulty: asked, context: await contextOf(request) };
    const challenge: unknown = await createChallenge<ChallengeFormat>(terms);
    return typeof challenge === 'string'
      ? reply(200, 'text/plain', challenge)
      : reply(200, 'application/json', JSON.stringify(challenge));
  };
  return async (request) => {
    if (view.path(request) === path && view.method(request) === 'GET') return give(request);
    if (!isGuarded(request)) return undefined;
    try {
      const payload = await solution(request);
      if (payload === undefined) throw malformed(`a solution is needed: see ${path}`);
      return await verify(payload, {
        secret,
        store,
        ...(options.counterMode === undefined ? {} : { counterMode: options.counterMode }),
        context: await contextOf(request),
        minimumDifficulty: await difficultyOf(request),
      });
    } catch (error) {
      return refusal(error);
    }
  };
}

const isReply = (decision: Reply | Verified): decision is Reply => 'status' in decision;

function fieldOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  const name = [SOLUTION_FIELD, ALTCHA_FIELD].find((field) => Object.hasOwn(body, field));
  return name === undefined ? undefined : (body as Readonly<Record<string, unknown>>)[name];
}

const NODE_VIEW: View<NodeRequest> = {
  method: ({ method = 'GET' }) => method,
  path: ({ url = '/' }) => url.split('?', 1)[0] ?? '/',
  solution: ({ headers, body }) => headers[SOLUTION_FIELD] ?? fieldOf(body),
};

/** A guard of node:http: calls `next` when a request may pass, and answers all others itself. */
export type NodeGuard = (
  request: NodeRequest,
  response: NodeResponse,
  next: () => void,
) => Promise<void>;

/** A guard of Express, which hears of failures that have nothing to do with the solution, such as the store's. */
export type ExpressGuard = (
  request: NodeRequest,
  response: NodeResponse,
  next: (error?: unknown) => void,
) => Promise<void>;

/** Options of {@link nodeGuard}. */
export interface NodeGuardOptions extends GuardOptions<NodeRequest> {
  /**
   * Hears of failures that have nothing to do with the solution, such as the store's. Their requests are answered with
   * 500 and don't pass.
   * @default console.error
   */
  readonly onError?: (error: unknown, request: NodeRequest) => void;
}

/**
 * A guard for node:http. What the solution proved is in `request.pow`.
 *
 * @throws TypeError, RangeError for options that make no sense
 * @example
 * ```ts
 * const guard = nodeGuard({ secret, store: new MemoryStore(), difficulty: 200_000 });
 * createServer((request, response) => guard(request, response, () => serve(request, response)));
 * ```
 */
export function nodeGuard(options: NodeGuardOptions): NodeGuard {
  const mayPass = nodeDecision(options);
  const { onError = (error) => console.error(error) } = options;
  return async (request, response, next) => {
    try {
      if (!(await mayPass(request, response))) return;
    } catch (error) {
      onError(error, request);
      send(response, reply(FAILED, 'text/plain', 'the request could not be verified'));
      return;
    }
    next();
  };
}

/** Answers requests that may not pass, and says whether this one may. */
function nodeDecision(options: GuardOptions<NodeRequest>) {
  const decide = guardOf(options, NODE_VIEW);
  return async (request: NodeRequest, response: NodeResponse): Promise<boolean> => {
    const decision = await decide(request);
    if (decision === undefined) return true;
    if (isReply(decision)) {
      send(response, decision);
      return false;
    }
    request.pow = decision;
    return true;
  };
}

function send(response: NodeResponse, { status, headers, text }: Reply): void {
  response.writeHead(status, headers);
  response.end(text);
}

/**
 * A guard for Express: `app.use(express.urlencoded(), expressGuard(options))`. What the solution proved is in
 * `request.pow`.
 *
 * @throws TypeError, RangeError for options that make no sense
 */
export function expressGuard(options: GuardOptions<NodeRequest>): ExpressGuard {
  const mayPass = nodeDecision(options);
  return async (request, response, next) => {
    try {
      if (!(await mayPass(request, response))) return;
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}

async function honoSolution({ req }: HonoContext): Promise<unknown> {
  const type = req.header('content-type') ?? '';
  const isForm = /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/.test(type);
  const given = req.header(SOLUTION_FIELD);
  if (given !== undefined || !isForm) return given;
  try {
    return fieldOf(await req.parseBody());
  } catch (error) {
    throw malformed("the form can't be read", error);
  }
}

const HONO_VIEW: View<HonoContext> = {
  method: ({ req }) => req.method,
  path: ({ req }) => req.path,
  solution: honoSolution,
};

/**
 * A guard for Hono: `app.use(honoGuard(options))`. It reads forms itself; what the solution proved is in
 * `context.get('pow')`.
 */
export function honoGuard(
  options: GuardOptions<HonoContext>,
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  const decide = guardOf(options, HONO_VIEW);
  return async (context, next) => {
    const decision = await decide(context);
    if (decision !== undefined && isReply(decision)) {
      return context.body(decision.text, decision.status, decision.headers);
    }
    if (decision !== undefined) context.set('pow', decision);
    await next();
    return undefined;
  };
}
