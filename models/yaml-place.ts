import { isMap, isNode, isScalar } from 'yaml';
import type { Document } from 'yaml';

/**
 * Where a value stands, as a character offset and lines below it; for a key without a value, where the key stands. Null
 * where there is no such place.
 */
export function offsetInYaml(
  document: Document.Parsed,
  path: readonly (string | number)[],
): { at: number; lines: number } | null {
  const node: unknown = document.getIn(path, true);
  if (isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED')) {
    return { at: node.range?.[0] ?? 0, lines: 1 };
  }
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1));
    if (isScalar(pair?.key) && pair.key.range) return { at: pair.key.range[0], lines: 0 };
  }
  return isNode(node) && node.range ? { at: node.range[0], lines: 0 } : null;
}
