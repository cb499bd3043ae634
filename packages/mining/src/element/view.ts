/**
 * What `<inos-pow>` shows: a button, a progress bar and a line of text that screen readers read out when it changes.
 */
import type { InosPowStrings } from './strings.js';

/** Where an element is. */
export type InosPowState = 'idle' | 'working' | 'solved' | 'failed';

const STYLE = `
:host { display: inline-block; font: inherit; }
:host([hidden]) { display: none; }
[part=box] { display: flex; flex-wrap: wrap; gap: 0.5em; align-items: center; padding: 0.5em 0.75em;
  border: 1px solid currentColor; border-radius: 0.4em; max-inline-size: 28em; }
button { font: inherit; padding: 0.3em 0.8em; cursor: pointer; }
button:disabled { cursor: default; }
progress { flex: 1 1 8em; }
[part=status] { flex: 1 1 100%; font-size: 0.9em; }
[hidden] { display: none; }
`;

/** How much of the bar is full once as much was tried as it takes on average: it must never seem to be stuck. */
const FULL_AT_EXPECTED = 0.63;

/** The parts in an element's shadow, and what they say. */
export class View {
  readonly button: HTMLButtonElement;
  readonly #box: HTMLElement;
  readonly #bar: HTMLProgressElement;
  readonly #status: HTMLElement;
  #announcedAt = 0;

  constructor(root: ShadowRoot) {
    const make = <K extends keyof HTMLElementTagNameMap>(name: K, part: string) => {
      const element = root.ownerDocument.createElement(name);
      element.setAttribute('part', part);
      return element;
    };
    const style = root.ownerDocument.createElement('style');
    style.textContent = STYLE;
    this.#box = make('div', 'box');
    this.#box.setAttribute('role', 'group');
    this.button = make('button', 'button');
    this.button.type = 'button';
    this.#bar = make('progress', 'progress');
    this.#bar.max = 1;
    this.#status = make('div', 'status');
    this.#status.setAttribute('role', 'status');
    this.#status.setAttribute('aria-live', 'polite');
    this.#box.append(this.button, this.#bar, this.#status);
    root.append(style, this.#box);
  }

  /** Shows a state. */
  show(state: InosPowState, strings: InosPowStrings, isDisabled: boolean): void {
    const labels = {
      idle: strings.start,
      working: strings.cancel,
      solved: strings.solved,
    } as const;
    this.#box.setAttribute('aria-label', strings.label);
    this.#box.setAttribute('aria-busy', String(state === 'working'));
    this.button.textContent = state === 'failed' ? strings.retry : labels[state];
    this.button.disabled = isDisabled || state === 'solved';
    this.#bar.hidden = state !== 'working';
    this.#bar.setAttribute('aria-label', strings.progress);
    if (state !== 'working') this.#say(strings[state]);
    else this.progress(0, strings);
  }

  /**
   * Shows progress; said aloud at most every three seconds.
   *
   * @param share - hashes tried, of those it takes on average
   */
  progress(share: number, strings: InosPowStrings): void {
    this.#bar.value = 1 - (1 - FULL_AT_EXPECTED) ** share;
    const now = performance.now();
    if (share > 0 && now - this.#announcedAt < 3000) return;
    this.#announcedAt = now;
    this.#say(strings.working.replace('{percent}', String(Math.round(share * 100))));
  }

  #say(text: string): void {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }
}
