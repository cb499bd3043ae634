/**
 * What `<inos-pow>` says. Pages set an element's `strings`, all or some of them, in their own language.
 */

/** The texts of an element. `{percent}` is replaced by a whole number. */
export interface InosPowStrings {
  /** Names the whole control to assistive technology. */
  readonly label: string;
  /** On the button, before it begins, and again once it has expired. */
  readonly start: string;
  /** On the button, while it works. */
  readonly cancel: string;
  /** On the button, after a failure. */
  readonly retry: string;
  readonly idle: string;
  readonly working: string;
  /** Names the progress bar. */
  readonly progress: string;
  readonly solved: string;
  readonly failed: string;
  /** Once a solution can't be used any more. */
  readonly expired: string;
  /** What the form says when it is submitted without a solution. */
  readonly required: string;
}

/** The texts that elements begin with. */
export const ENGLISH: InosPowStrings = {
  label: 'Proof of work',
  start: 'Verify',
  cancel: 'Cancel',
  retry: 'Try again',
  idle: 'Your device does a short computation to show that you are no bot.',
  working: 'Computing: {percent} % of what it takes on average',
  progress: 'Progress of the computation',
  solved: 'Verified',
  failed: 'It did not work.',
  expired: 'The verification has expired. Please verify again.',
  required: 'Verify first: your device does a short computation.',
};
