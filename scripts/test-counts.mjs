// Adds up what the runs of Vitest reported, and tells again what failed: each package's .cache/tests-node.json,
// tests-browser.json and tests-unisolated.json.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isMain, root } from './process.mjs';

function reportFiles() {
  const files = [];
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    for (const environment of ['node', 'browser', 'unisolated']) {
      const file = join(root, 'packages', name, `.cache/tests-${environment}.json`);
      if (existsSync(file)) files.push(file);
    }
  }
  return files;
}

function reports() {
  return reportFiles().map((file) => JSON.parse(readFileSync(file, 'utf8')));
}

/** Forgets earlier runs, so that what is added up is what ran (or what turbo restored, unchanged). */
export function removeReports() {
  for (const file of reportFiles()) rmSync(file);
}

/** @returns {{ passed: number, failed: number, skipped: number }} over all reports there are */
export function countTests() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const report of reports()) {
    total.passed += report.numPassedTests;
    total.failed += report.numFailedTests + report.testResults.filter(brokeBeforeItsTests).length;
    total.skipped += report.numPendingTests;
  }
  return total;
}

/** A file that threw while it was loaded fails without a failing test. */
function brokeBeforeItsTests(result) {
  return result.status === 'failed' && result.assertionResults.length === 0;
}

/**
 * What failed and why, for the end of a log of thousands of lines, where it is looked for.
 *
 * @returns {string[]} a text per failure: its file, its name and its messages
 */
export function failures() {
  return reports().flatMap(({ testResults }) => testResults.flatMap(failuresOfFile));
}

function failuresOfFile(result) {
  const file = relative(root, result.name);
  if (brokeBeforeItsTests(result)) return [`${file}\n${result.message}`];
  return result.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${failureMessages.join('\n')}`);
}

/** The closing line: `N passed, N failed`, and how many were skipped if any were. */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

if (isMain(import.meta)) process.stdout.write(`${countsLine(countTests())}\n`);
