/**
 * The element itself: `<inos-pow challenge="/pow/challenge" name="inos-pow" required></inos-pow>`.
 *
 * It does nothing until its button is pressed or `start()` is called. Then it fetches its challenge, loads the solver,
 * solves with as many threads and as great a share of their time as its attributes allow, and puts the solution in its
 * form. The class is made when it is defined: servers can load this module, too.
 */
import { InosError, outOfRange, wrongType } from '@inos/sdk/errors';
import type { CounterMode, Solution, SolveOptions, SolverOptions } from '../pow/solve.js';
import { ENGLISH, type InosPowStrings } from './strings.js';
import { View, type InosPowState } from './view.js';

export type { InosPowState };

/** What an element tells, as the `detail` of its events. They bubble. */
export interface InosPowEvents {
  /** It has tried some more. */
  readonly progress: {
    readonly hashes: number;
    readonly expectedHashes: number;
    readonly hashesPerSecond: number;
  };
  /** It has a solution, and its form too. */
  readonly solved: Solution;
  /** It has given up: `error` says why. */
  readonly failed: { readonly error: unknown };
  /** Its challenge, solved or not, can't be used any more, and its form has no solution: it can be asked again. */
  readonly expired: { readonly expiresAtMs: number };
  /** Its `state` is another one. */
  readonly statechange: { readonly state: InosPowState };
}

/**
 * The element. Its attributes are `challenge`, `name`, `threads`, `cpu-share`, `counter-mode`, `required` and `disabled`.
 */
export interface InosPowElement extends HTMLElement {
  /**
   * The challenge, or where to fetch it. The attribute is a URL unless it is a challenge: text of our own, or JSON.
   */
  challenge: string;
  /**
   * Its solution's field in the form.
   * @default 'inos-pow'
   */
  name: string;
  /** How much of the time its threads may work: above 0, at most 1. */
  cpuShare: number;
  /** How many threads it may use; 0 for one fewer than the machine has. */
  threads: number;
  /**
   * How its server wants counters written, which ALTCHA's version 2 leaves to agreement.
   * @default 'uint32'
   */
  counterMode: CounterMode;
  required: boolean;
  disabled: boolean;
  /** Texts in another language: those that are missing are English. */
  strings: Partial<InosPowStrings>;
  readonly state: InosPowState;
  /** The solution's payload, empty without one and once it has expired. */
  readonly value: string;
  readonly form: HTMLFormElement | null;
  /**
   * Begins, as its button does. Resolves to the solution; while it works already, to the same.
   *
   * @throws what {@link Solver.solve} throws; `AbortError` when it is cancelled
   */
  start(): Promise<Solution>;
  /** Ends the work and forgets a solution. */
  reset(): void;
  addEventListener<K extends keyof InosPowEvents>(
    type: K,
    listener: (event: CustomEvent<InosPowEvents[K]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** Loads the solver when it is needed: a page that only shows the button loads little. */
const load = () => import('../pow/solve.js');

const CHALLENGE = /^\s*(\{|inos1\.)/;

/** What pages may set. */
const PROPERTIES = [
  'challenge',
  'name',
  'cpuShare',
  'threads',
  'counterMode',
  'required',
  'disabled',
  'strings',
] as const;

/** Timers take no longer time. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A challenge, and how much later it is for its server than for this machine, whose clock may go wrong. */
interface Fetched {
  readonly challenge: string;
  readonly aheadMs: number;
}

async function fetched(challenge: string, base: string, signal: AbortSignal): Promise<Fetched> {
  // As a URL it would be the page's own.
  if (challenge === '')
    throw outOfRange('challenge', 'a challenge, or where to fetch it', challenge);
  if (CHALLENGE.test(challenge)) return { challenge, aheadMs: 0 };
  const response = await fetch(new URL(challenge, base), { signal, cache: 'no-store' });
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  // Other origins hide it.
  const aheadMs = Date.parse(response.headers.get('date') ?? '') - Date.now();
  return { challenge: await response.text(), aheadMs: Number.isNaN(aheadMs) ? 0 : aheadMs };
}

/** The element's class, over the page's own `HTMLElement`. */
function elementClass() {
  return class extends HTMLElement implements InosPowElement {
    static readonly formAssociated = true;
    static readonly observedAttributes = ['required', 'disabled', 'challenge', 'name'];

    readonly #internals = this.attachInternals();
    readonly #view = new View(this.attachShadow({ mode: 'open', delegatesFocus: true }));
    #strings = ENGLISH;
    #state: InosPowState = 'idle';
    #value = '';
    #aheadMs = 0;
    #expiry: ReturnType<typeof setTimeout> | undefined;
    #isFormDisabled = false;
    #work:
      { readonly controller: AbortController; readonly solution: Promise<Solution> } | undefined;

    constructor() {
      super();
      this.#view.button.addEventListener('click', () => {
        if (this.#state === 'solved') return;
        if (this.#work) this.reset();
        // What goes wrong is shown, and told by an event.
        else this.start().catch(() => undefined);
      });
      // What a page has set before the element was defined hides the properties of the class.
      for (const name of PROPERTIES) {
        if (!Object.hasOwn(this, name)) continue;
        const value = this[name];
        Reflect.deleteProperty(this, name);
        Object.assign(this, { [name]: value });
      }
      this.#render();
    }

    get challenge() {
      return this.getAttribute('challenge') ?? '';
    }
    set challenge(challenge: string) {
      this.setAttribute('challenge', challenge);
    }
    get name() {
      return this.getAttribute('name') ?? 'inos-pow';
    }
    set name(name: string) {
      this.setAttribute('name', name);
    }
    get cpuShare() {
      return Number(this.getAttribute('cpu-share') ?? 1);
    }
    set cpuShare(share: number) {
      this.setAttribute('cpu-share', String(share));
    }
    get threads() {
      return Number(this.getAttribute('threads') ?? 0);
    }
    set threads(threads: number) {
      this.setAttribute('threads', String(threads));
    }
    get counterMode() {
      return (this.getAttribute('counter-mode') ?? 'uint32') as CounterMode;
    }
    set counterMode(mode: CounterMode) {
      this.setAttribute('counter-mode', mode);
    }
    get required() {
      return this.hasAttribute('required');
    }
    set required(required: boolean) {
      this.toggleAttribute('required', required);
    }
    get disabled() {
      return this.hasAttribute('disabled');
    }
    set disabled(disabled: boolean) {
      this.toggleAttribute('disabled', disabled);
    }
    get strings() {
      return this.#strings;
    }
    set strings(strings: Partial<InosPowStrings>) {
      if (typeof strings !== 'object' || strings === null) {
        throw wrongType('strings', 'an object of texts', strings);
      }
      this.#strings = { ...ENGLISH, ...strings };
      this.#render();
    }
    get state() {
      return this.#state;
    }
    get value() {
      return this.#value;
    }
    get form() {
      return this.#internals.form;
    }

    start(): Promise<Solution> {
      if (this.#work) return this.#work.solution;
      const controller = new AbortController();
      this.#setValue('');
      const solution = this.#solve(controller.signal);
      this.#work = { controller, solution };
      this.#enter('working');
      solution.then(
        (found) => this.#finish(controller, found),
        (error: unknown) => this.#giveUp(controller, error),
      );
      return solution;
    }

    reset(): void {
      const work = this.#work;
      this.#work = undefined;
      this.#setValue('');
      this.#enter('idle');
      work?.controller.abort();
    }

    attributeChangedCallback(name: string, before: string | null, now: string | null): void {
      if (name === 'challenge' && before !== null && before !== now) this.reset();
      if (name === 'name') this.#fillForm();
      this.#render();
    }
    adoptedCallback(): void {
      this.#view.dress();
    }
    disconnectedCallback(): void {
      if (this.#work) this.reset();
    }
    formResetCallback(): void {
      this.reset();
    }
    formDisabledCallback(isDisabled: boolean): void {
      this.#isFormDisabled = isDisabled;
      if (isDisabled && this.#work) this.reset();
      this.#render();
    }

    async #solve(signal: AbortSignal): Promise<Solution> {
      const [{ challenge, aheadMs }, { solve }] = await Promise.all([
        fetched(this.challenge, this.baseURI, signal),
        load(),
      ]);
      signal.throwIfAborted();
      this.#aheadMs = aheadMs;
      const { threads, cpuShare, counterMode } = this;
      const options: SolveOptions & SolverOptions = {
        ...(threads === 0 ? {} : { threads }),
        cpuShare,
        counterMode,
        nowMs: this.#now(),
        signal,
        onProgress: (progress) => {
          if (signal.aborted) return;
          this.#view.progress(progress.hashes / progress.expectedHashes, this.#strings);
          this.#tell('progress', progress);
        },
      };
      return solve(challenge, options);
    }

    /** The time, as the challenge's server has it. */
    #now(): number {
      return Math.max(0, Date.now() + this.#aheadMs);
    }

    #finish(controller: AbortController, solution: Solution): void {
      if (this.#work?.controller !== controller) return;
      this.#work = undefined;
      const { payload, expiresAtMs } = solution;
      if (this.#now() < expiresAtMs) {
        this.#setValue(payload);
        this.#enter('solved');
        this.#tell('solved', solution);
        // Whoever listens may have begun anew.
        if (this.#value !== payload) return;
      }
      this.#awaitExpiry(expiresAtMs);
    }

    #awaitExpiry(expiresAtMs: number): void {
      const leftMs = expiresAtMs - this.#now();
      if (leftMs === Infinity) return;
      if (leftMs > 0) {
        const again = () => {
          this.#awaitExpiry(expiresAtMs);
        };
        this.#expiry = setTimeout(again, Math.min(leftMs, LONGEST_TIMEOUT_MS));
        return;
      }
      this.#expire(expiresAtMs);
    }

    #giveUp(controller: AbortController, error: unknown): void {
      if (this.#work?.controller !== controller) return;
      this.#work = undefined;
      const { code, details } = error instanceof InosError ? error : {};
      if (code === 'mining/challenge-expired') {
        this.#expire(details?.expiresAtMs as number);
        return;
      }
      this.#enter('failed');
      this.#tell('failed', { error });
    }

    #expire(expiresAtMs: number): void {
      this.#setValue('');
      this.#enter('expired');
      this.#tell('expired', { expiresAtMs });
    }

    #enter(state: InosPowState): void {
      if (this.#state === state) return;
      this.#state = state;
      this.#render();
      this.#tell('statechange', { state });
    }

    #setValue(value: string): void {
      clearTimeout(this.#expiry);
      this.#value = value;
      this.#fillForm();
    }

    #fillForm(): void {
      const data = new FormData();
      data.set(this.name, this.#value);
      this.#internals.setFormValue(this.#value === '' ? null : data);
    }

    #render(): void {
      const isMissing = this.required && this.#value === '';
      const { required } = this.#strings;
      this.#view.show(this.#state, this.#strings, this.disabled || this.#isFormDisabled);
      this.#internals.setValidity(
        { valueMissing: isMissing },
        isMissing ? required : '',
        this.#view.button,
      );
    }

    #tell<K extends keyof InosPowEvents>(type: K, detail: InosPowEvents[K]): void {
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }
  };
}

/**
 * Defines the element. Once per page; again it changes nothing.
 *
 * @param tag - another name for it
 * @example
 * ```ts
 * defineInosPow();
 * document.querySelector('inos-pow')?.addEventListener('solved', () => form.requestSubmit());
 * ```
 */
export function defineInosPow(tag = 'inos-pow'): void {
  if (customElements.get(tag) === undefined) customElements.define(tag, elementClass());
}

declare global {
  interface HTMLElementTagNameMap {
    'inos-pow': InosPowElement;
  }
}
