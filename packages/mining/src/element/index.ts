/**
 * `@inos/mining/element`: `<inos-pow>`, a form control that solves a challenge when its user or the page's code asks.
 */
export {
  defineInosPow,
  type InosPowElement,
  type InosPowEvents,
  type InosPowState,
} from './element.js';
export { ENGLISH, type InosPowStrings } from './strings.js';
