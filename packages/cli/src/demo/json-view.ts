/**
 * The demo as data: nothing on stdout but one JSON object, at the end.
 */
import { drawBar } from '../progress.js';
import type { Terminal } from '../terminal.js';
import type { DemoReport, DemoView, JobPlan } from './report.js';

/** Shows the demo's report as JSON; meanwhile, on a terminal, what it is busy with. */
export class JsonView implements DemoView {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  opened(): void {
    // The report at the end says it.
  }

  busy(text: string, fraction: () => number): void {
    this.#terminal.progress.start(() => `${drawBar(fraction(), 20)} ${text}`);
  }

  jobStarted({ title }: JobPlan, fraction: () => number): void {
    this.busy(title, fraction);
  }

  jobEnded(): void {
    this.#terminal.progress.end();
  }

  physicsEnded(): void {
    this.#terminal.progress.end();
  }

  finished(report: DemoReport): void {
    this.#terminal.progress.end();
    this.#terminal.print(JSON.stringify(report, null, 2));
  }
}
