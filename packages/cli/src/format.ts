/**
 * Numbers and bytes as people read them.
 */

const COUNT = new Intl.NumberFormat('en-US');

/** `1234567` → `1,234,567`. */
export function formatCount(value: number | bigint): string {
  return COUNT.format(value);
}

/** `1` → `1 byte`, `1500` → `1,500 bytes`. */
export function formatBytes(value: number): string {
  return value === 1 ? '1 byte' : `${formatCount(value)} bytes`;
}

/** Three significant figures with a decimal prefix: `1234567, 'B/s'` → `1.23 MB/s`. */
export function formatRate(perSecond: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T'];
  let value = Number.isFinite(perSecond) ? perSecond : 0;
  let prefix = 0;
  while (value >= 999.5 && prefix < prefixes.length - 1) {
    value /= 1000;
    prefix++;
  }
  const digits = value >= 99.5 || prefix === 0 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${prefixes[prefix] ?? ''}${unit}`;
}

/** Seconds at a sensible scale: `850 µs`, `12.5 ms`, `3.21 s`, `2 min 05 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 1) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Microseconds with one decimal while that says something: `4.1 µs`, `12,345 µs`. */
export function formatMicroseconds(value: number): string {
  return `${value < 10_000 ? COUNT_TENTHS.format(value) : COUNT.format(Math.round(value))} µs`;
}

const COUNT_TENTHS = new Intl.NumberFormat('en-US', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/** Bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
