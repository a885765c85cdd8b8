import { isList, isObject } from './json.ts';
import type { Json } from './json.ts';

const WIDEST = 110;

/** JSON as text, with one line for what fits on one. */
export function jsonText(json: Json, indent = '', before = 0): string {
  const line = oneLine(json);
  if (indent.length + before + line.length <= WIDEST) return line;
  const deeper = `${indent}  `;
  if (isList(json))
    return `[\n${json.map((one) => `${deeper}${jsonText(one, deeper)}`).join(',\n')}\n${indent}]`;
  if (!isObject(json)) return line;
  const entries = Object.entries(json).map(([key, value]) => {
    const name = `${JSON.stringify(key)}: `;
    return `${deeper}${name}${jsonText(value, deeper, name.length)}`;
  });
  return `{\n${entries.join(',\n')}\n${indent}}`;
}

function oneLine(json: Json): string {
  if (isList(json)) return `[${json.map(oneLine).join(', ')}]`;
  if (!isObject(json)) return JSON.stringify(json);
  const entries = Object.entries(json).map(([key, value]) => `${JSON.stringify(key)}: ${oneLine(value)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
