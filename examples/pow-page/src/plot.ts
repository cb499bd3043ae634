/**
 * A plot of hash rates, drawn on a canvas: how many million a second, over how much of the work is done.
 */

/** One point: the work done, of what it takes on average, and the rate just then. */
export interface Sample {
  readonly share: number;
  readonly perSecond: number;
}

const MARGIN = { left: 80, right: 26, top: 12, bottom: 34 } as const;
const LINE = '#2a5bd7';
const GRID = '#c9d1de';
const TEXT = '#4a5568';

/** The next of 1, 2, 5, 10, 20 … above a value. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

/** Draws all samples anew, at the screen's own resolution. */
export function drawPlot(canvas: HTMLCanvasElement, samples: readonly Sample[]): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * devicePixelRatio;
  canvas.height = height * devicePixelRatio;
  context.scale(devicePixelRatio, devicePixelRatio);
  const highest = roundUp(Math.max(1e6, ...samples.map(({ perSecond }) => perSecond)));
  const widest = Math.max(1, ...samples.map(({ share }) => share));
  const x = (share: number) =>
    MARGIN.left + (share / widest) * (width - MARGIN.left - MARGIN.right);
  const y = (rate: number) =>
    height - MARGIN.bottom - (rate / highest) * (height - MARGIN.top - MARGIN.bottom);
  drawAxes(context, { x, y, highest, widest, width, height });
  context.strokeStyle = LINE;
  context.lineWidth = 2;
  context.beginPath();
  for (const { share, perSecond } of samples) context.lineTo(x(share), y(perSecond));
  context.stroke();
  // A line needs two samples; work that is done at once has one.
  const only = samples.length === 1 ? samples[0] : undefined;
  if (only === undefined) return;
  context.fillStyle = LINE;
  context.fillRect(x(only.share) - 3, y(only.perSecond) - 3, 6, 6);
}

interface Axes {
  readonly x: (share: number) => number;
  readonly y: (rate: number) => number;
  readonly highest: number;
  readonly widest: number;
  readonly width: number;
  readonly height: number;
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { x, y, highest, widest, width, height }: Axes,
): void {
  context.font = '12px system-ui, sans-serif';
  context.fillStyle = TEXT;
  context.strokeStyle = GRID;
  context.lineWidth = 1;
  context.textAlign = 'right';
  for (let part = 0; part <= 4; part++) {
    const rate = (highest * part) / 4;
    context.beginPath();
    context.moveTo(MARGIN.left, y(rate));
    context.lineTo(width - MARGIN.right, y(rate));
    context.stroke();
    context.fillText(`${rate / 1e6} MH/s`, MARGIN.left - 6, y(rate) + 4);
  }
  context.textAlign = 'center';
  for (let part = 0; part <= 4; part++) {
    const share = (widest * part) / 4;
    context.fillText(`${Math.round(share * 100)} %`, x(share), height - MARGIN.bottom + 16);
  }
  context.fillText('of the hashes it takes on average', width / 2, height - 4);
}
