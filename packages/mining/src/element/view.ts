/**
 * What `<inos-pow>` shows: a button, a progress bar and a line of text that screen readers read out when it changes.
 */
import type { InosPowStrings } from './strings.js';

/** Where an element is. */
export type InosPowState = 'idle' | 'working' | 'solved' | 'failed' | 'expired';

const STYLE = `
:host { display: inline-block; font: inherit; }
:host([hidden]) { display: none; }
[part=box] { display: flex; flex-wrap: wrap; gap: 0.5em; align-items: center; padding: 0.5em 0.75em;
  border: 1px solid currentColor; border-radius: 0.4em; max-inline-size: 28em; }
button { font: inherit; padding: 0.3em 0.8em; cursor: pointer; }
button:is(:disabled, [aria-disabled=true]) { cursor: default; }
[aria-disabled=true] { opacity: 0.6; }
progress { flex: 1 1 8em; }
[part=status] { flex: 1 1 100%; font-size: 0.9em; }
[hidden] { display: none; }
`;

/** Each document's own: sheets can't be shared between them. */
const sheets = new WeakMap<Document, CSSStyleSheet>();

/**
 * Gives a shadow its style, by a sheet made in code: a page's Content-Security-Policy needn't allow inline styles for it.
 * Engines that lack those (Safari before 16.4) get an inline one.
 */
function dress(root: ShadowRoot): void {
  const { ownerDocument } = root;
  const Sheet = ownerDocument.defaultView?.CSSStyleSheet;
  if (Sheet && 'replaceSync' in Sheet.prototype && 'adoptedStyleSheets' in root) {
    let sheet = sheets.get(ownerDocument);
    if (!sheet) {
      sheet = new Sheet();
      sheet.replaceSync(STYLE);
      sheets.set(ownerDocument, sheet);
    }
    root.adoptedStyleSheets = [sheet];
  } else if (!root.querySelector('style')) {
    const style = ownerDocument.createElement('style');
    style.textContent = STYLE;
    root.prepend(style);
  }
}

/** How much of the bar is full once as much was tried as it takes on average: it must never seem to be stuck. */
const FULL_AT_EXPECTED = 0.63;

/** The parts in an element's shadow, and what they say. */
export class View {
  readonly button: HTMLButtonElement;
  readonly #root: ShadowRoot;
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
    this.#root = root;
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
    root.append(this.#box);
    this.dress();
  }

  /** Gives it its style, anew after it has moved to another document. */
  dress(): void {
    dress(this.#root);
  }

  /** Shows a state. */
  show(state: InosPowState, strings: InosPowStrings, isDisabled: boolean): void {
    const labels = {
      idle: strings.start,
      working: strings.cancel,
      solved: strings.solved,
      failed: strings.retry,
      expired: strings.start,
    } as const;
    this.#box.setAttribute('aria-label', strings.label);
    this.button.textContent = labels[state];
    this.button.disabled = isDisabled;
    // A button that is really disabled loses the focus, and who uses the keyboard their place in the page.
    this.button.setAttribute('aria-disabled', String(state === 'solved'));
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
