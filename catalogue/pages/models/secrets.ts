import { redactText } from '../../../expectations/redact.ts';

const HIDDEN = '(not shown)';

/** Settings whose name says that their value is nobody's business. */
const SECRET = /pass|secret|token|credential|auth|private|(?:^|_)key$|apikey/i;

/**
 * The value of a source's setting as text, without what could be a secret. `key` names columns where it is a list, and is a
 * secret where it is a text.
 */
export function settingText(name: string, value: unknown): string {
  if (typeof value === 'string' && SECRET.test(name)) return HIDDEN;
  if (Array.isArray(value)) return value.map((one) => settingText('', one)).join(', ');
  const hide = (key: string, inner: unknown): unknown =>
    typeof inner === 'string' && SECRET.test(key) ? HIDDEN : inner;
  const text = typeof value === 'string' ? value : (JSON.stringify(value, hide) ?? '');
  return redactText(withoutLogins(text));
}

/** A header as it is written, without values that could be secrets. A line of a description that looks like one goes too. */
export function headerText(header: string): string {
  const lines = header.replaceAll(
    /(\b[\w-]*(?:password|passwd|secret|token|credential|api_?key)[\w-]*[ \t]*:[ \t]*)(?![\s{[])[^,}\n]+/gi,
    `$1${HIDDEN}`,
  );
  return withoutLogins(lines);
}

/** What stands before the @ of an address is a login and its password. */
function withoutLogins(text: string): string {
  return text.replaceAll(/(\w:\/\/)[^\s/@]*@/g, '$1…@');
}
