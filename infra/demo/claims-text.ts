import type { Colors } from 'picocolors/types.js';
import { exitCode, type Checked, type Fact } from './claims.ts';

/** A claim's text on the terminal is not longer than this: a set of differences can be. */
const FACT_LENGTH = 110;

/**
 * Claims as text: a line each, names aligned; a claim that did not hold has expected under found, so that the eye meets
 * the difference.
 */
export function renderClaims(checked: readonly Checked[], colors: Colors): string {
  const width = Math.max(0, ...checked.map(({ name }) => name.length));
  return checked.map((one) => renderClaim(one, width, colors)).join('\n');
}

function renderClaim(one: Checked, width: number, colors: Colors): string {
  const { name, says, from, expected, found, held, error, falsified } = one;
  const mark = held ? colors.green('✓') : colors.red('✗');
  const note = falsified ? colors.yellow(' (falsified on purpose)') : '';
  const margin = ' '.repeat(width + 5);
  const heading = `  ${mark} ${colors.bold(name.padEnd(width))} ${says}${note}`;
  const reading = error === null ? factText(found) : `could not be read: ${error}`;
  return [
    heading,
    `${margin}${colors.dim('expected')} ${held ? factText(expected) : colors.green(factText(expected))}`,
    `${margin}${colors.dim('found   ')} ${held ? reading : colors.red(reading)} ${colors.dim(`← ${from}`)}`,
  ].join('\n');
}

/** How many held, in one line. */
export function renderTally(checked: readonly Checked[], names: readonly string[], colors: Colors): string {
  const held = checked.filter((one) => one.held).length;
  const missing = names.filter((name) => !checked.some((one) => one.name === name));
  const failed = checked.filter((one) => !one.held).map(({ name }) => name);
  const lines = [
    `${held} of ${names.length} claims held`,
    ...(failed.length > 0 ? [`did not hold: ${failed.join(', ')}`] : []),
    ...(missing.length > 0 ? [`never reached: ${missing.join(', ')}`] : []),
  ];
  return exitCode(checked, names) === 0 ? colors.green(lines.join('; ')) : colors.red(lines.join('; '));
}

function factText(fact: Fact): string {
  const text = Array.isArray(fact)
    ? fact.map(factText).join(', ')
    : typeof fact === 'string'
      ? fact
      : spaced(fact);
  const shown = text === '' ? 'nothing' : text;
  return shown.length > FACT_LENGTH ? `${shown.slice(0, FACT_LENGTH)}…` : shown;
}

function spaced(fact: Fact): string {
  if (typeof fact !== 'object' || fact === null) return String(fact);
  return Object.entries(fact)
    .map(([key, value]: [string, Fact]) => `${key} ${factText(value)}`)
    .join(' · ');
}
