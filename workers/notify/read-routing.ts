import { Ajv, type ErrorObject } from 'ajv';
import { LineCounter, parseDocument, type Document } from 'yaml';
import type { NotifierType } from '../../activities/notifiers/notifier.ts';
import type { RouteMatch } from '../../activities/notifiers/routes.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { offsetInYaml } from '../../models/yaml-place.ts';
import { checkRouting } from './check-routing.ts';
import type { NotifyProblem, PlacedRoute, Routing, SecretName } from './routing.ts';
import { notifySchema } from './schema.ts';

/** A routing file as it was read. */
export interface ReadRouting {
  /** Null where there are problems. */
  readonly routing: Routing | null;
  /** Why it cannot be used. */
  readonly problems: readonly NotifyProblem[];
  /** What is likely a mistake, and tells everyone all the same. */
  readonly warnings: readonly NotifyProblem[];
}

/** What the schema has let through. */
interface RoutingText {
  readonly receivers: Readonly<Record<string, { readonly type: string } & Readonly<Record<string, unknown>>>>;
  readonly routes: readonly RouteText[];
}

type RouteText = {
  readonly [Field in keyof RouteMatch]: OneOrMore<NonNullable<RouteMatch[Field]>[number]>;
} & {
  readonly to: OneOrMore<string>;
  readonly goes_on?: boolean;
};
type OneOrMore<Value> = Value | readonly Value[];

/**
 * Reads a routing file's text. No secret is read: only where each is.
 *
 * @param file the path that problems name.
 */
export function readRouting(
  file: string,
  text: string,
  types: ReadonlyMap<string, NotifierType>,
): ReadRouting {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const refused = (problems: readonly NotifyProblem[]) => ({ routing: null, problems, warnings: [] });
  if (document.errors.length > 0)
    return refused(
      document.errors.map(({ message, pos }) => ({
        file,
        line: counter.linePos(pos[0]).line,
        problem: `this is not YAML: ${(message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
        mend: 'Quote a text that has ": " or begins with a sign of YAML.',
      })),
    );
  const value: unknown = document.toJS();
  const place: Place = { file, document, counter };
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false });
  const validate = ajv.compile<RoutingText>(notifySchema(types));
  if (!validate(value))
    return refused((validate.errors ?? []).filter(tellsSomething).map((error) => explain(place, error)));
  const routing = routingOf(place, value);
  const found = checkRouting(routing);
  return found.problems.length > 0 ? refused(found.problems) : { routing, ...found };
}

interface Place {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly counter: LineCounter;
}

function routingOf(place: Place, { receivers, routes }: RoutingText): Routing {
  return {
    file: place.file,
    receivers: Object.entries(receivers).map(([name, { type, ...secrets }]) => ({
      name,
      type,
      secrets: Object.fromEntries(
        Object.entries(secrets).flatMap(([key, where]) => (isSecretName(where) ? [[key, where]] : [])),
      ),
      line: lineOf(place, ['receivers', name]),
    })),
    routes: routes.map((route, index) => routeOf(route, lineOf(place, ['routes', index]))),
  };
}

function isSecretName(value: unknown): value is SecretName {
  return typeof value === 'object' && value !== null && ('env' in value || 'file' in value);
}

function routeOf({ to, goes_on: goesOn = false, ...match }: RouteText, line: number): PlacedRoute {
  const lists = Object.entries(match).map(([field, values]) => [field, [values].flat()]);
  return { match: Object.fromEntries(lists), to: [to].flat(), goesOn, line };
}

/** ajv reports the reason and, beside it, that the enclosing rule failed: the reason is enough. */
function tellsSomething({ keyword, propertyName, parentSchema, schemaPath, data }: ErrorObject): boolean {
  if (['if', 'anyOf', 'allOf'].includes(keyword)) return false;
  // Of "one, or a list of them" what was written is meant.
  if (keyword === 'type' && parentSchema?.['uniqueItems'] === true) return false;
  if (Array.isArray(data) && schemaPath.includes('/anyOf/0/')) return false;
  return !(keyword === 'pattern' && (propertyName !== undefined || schemaPath.includes('propertyNames')));
}

function explain(
  place: Place,
  { keyword, params, instancePath, message, parentSchema, data }: ErrorObject,
): NotifyProblem {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const where = path.length === 0 ? 'the file' : path.join('.');
  const at = (...more: readonly string[]) => ({ file: place.file, line: lineOf(place, [...path, ...more]) });
  const properties: unknown = parentSchema?.['properties'];
  const known = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  if (keyword === 'additionalProperties') {
    const extra = String(params['additionalProperty']);
    const mend = `${didYouMean(extra, known)} Known here: ${known.join(', ')}.`.trim();
    return { ...at(extra), problem: `${where} has ${extra}, which is not known here`, mend };
  }
  if (keyword === 'required') {
    const mend = describedMend(properties, String(params['missingProperty']));
    return { ...at(), problem: `${where} lacks ${String(params['missingProperty'])}`, mend };
  }
  if (keyword === 'propertyNames') {
    const name = String(params['propertyName']);
    const mend = 'Names of receivers are small letters, digits and hyphens, at most 40: data-chat.';
    return { ...at(name), problem: `${where} names ${name}`, mend };
  }
  if (isSecretSchema(parentSchema)) {
    const mend = 'The secret itself does not belong here: name where it is, {env: NAME} or {file: PATH}.';
    return { ...at(), problem: `${where} does not name a secret`, mend };
  }
  if (keyword === 'enum') {
    const allowed: unknown[] = Array.isArray(params['allowedValues']) ? params['allowedValues'] : [];
    const mend = typeof data === 'string' ? didYouMean(data, allowed.map(String)) : '';
    return {
      ...at(),
      problem: `${where} is none of ${allowed.join(', ')}`,
      mend: mend || 'Write one of them.',
    };
  }
  return { ...at(), problem: `${where} ${message ?? 'is wrong'}`, mend: 'See infra/notify.example.yaml.' };
}

function describedMend(properties: unknown, name: string): string {
  const one: unknown =
    typeof properties === 'object' && properties !== null ? Reflect.get(properties, name) : null;
  const what: unknown = typeof one === 'object' && one !== null ? Reflect.get(one, 'description') : null;
  return typeof what === 'string' ? `Add it: ${what}` : 'Add it.';
}

function isSecretSchema(schema: ErrorObject['parentSchema']): boolean {
  const properties: unknown = schema?.['properties'];
  return typeof properties === 'object' && properties !== null && 'env' in properties && 'file' in properties;
}

function lineOf({ document, counter }: Place, path: readonly (string | number)[]): number {
  const steps = path.map((one) => (/^\d+$/.test(String(one)) ? Number(one) : one));
  for (let depth = steps.length; depth > 0; depth -= 1) {
    const offset = offsetInYaml(document, steps.slice(0, depth));
    if (offset !== null) return counter.linePos(offset.at).line + offset.lines;
  }
  return counter.linePos(document.contents?.range[0] ?? 0).line;
}
