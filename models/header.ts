import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { headerSchemas } from './header-schema.ts';
import { offsetInYaml } from './yaml-place.ts';
import type { GateHeader, ModelProblem, OnSchemaChange, Schedule, Tier } from './model.ts';

/** A header that has passed its kind's JSON Schema; keys as they are written in the file. */
export interface Header {
  readonly kind: 'source' | 'incremental' | 'full_refresh' | 'history' | 'view';
  readonly schedule: Schedule;
  readonly owner: string;
  readonly tier?: Tier;
  readonly description: string;
  readonly grain: string;
  readonly runbook?: string;
  readonly time_column?: string;
  readonly reader?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly retention?: string;
  readonly grants?: { readonly select: readonly string[] };
  readonly unique_key?: readonly string[];
  readonly gates?: { readonly input?: GateText; readonly output?: GateText };
  readonly gate?: 'none';
  readonly gate_reason?: string;
  readonly touched?: Readonly<Record<string, string>>;
  readonly on_schema_change?: OnSchemaChange;
  readonly indexes?: readonly (readonly string[])[];
  readonly partitioning?: { readonly by: 'day' | 'month'; readonly column: string };
  readonly freshness?: { readonly objective: string; readonly target: number };
  readonly max_shrink?: number;
  readonly columns?: Readonly<
    Record<string, { readonly description: string; readonly personal?: boolean; readonly type?: string }>
  >;
}

interface GateText {
  readonly suite: string;
  readonly parameters?: GateHeader['parameters'];
  readonly on_failure?: 'hold' | 'quarantine' | 'continue';
  readonly quarantine_share?: number;
}

/** A header and where its parts stand in the file. */
export interface ReadHeader {
  readonly header: Header | null;
  readonly problems: readonly ModelProblem[];
  /** The file's text after the header and the blank that follows it, and the line it begins on. */
  readonly body: string;
  readonly bodyLine: number;
  /** The line of the value at a path of keys; for a block of text (`|`), of its first line. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, strict: true });
const validators = new Map<string, ValidateFunction>(
  Object.entries(headerSchemas).map(([kind, schema]) => [kind, ajv.compile(schema)]),
);

/**
 * Reads the first comment of a model's file as YAML and checks it against the JSON Schema of its kind.
 *
 * @param file - The path that problems name.
 */
export function readHeader(file: string, text: string): ReadHeader {
  const comment = /^\s*\/\*([\s\S]*?)\*\//.exec(text);
  if (comment === null) {
    return unread(text, {
      file,
      line: 1,
      problem: 'no header: the file does not begin with a /* … */ comment',
      mend: 'Begin it with a comment of YAML: kind, schedule, owner, description, grain, …',
    });
  }
  const yaml = comment[1] ?? '';
  const yamlLine = lineAt(text, comment[0].indexOf('/*'));
  const counter = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: counter });
  const place: Place = { file, document, lineAt: (offset) => yamlLine + counter.linePos(offset).line - 1 };
  const body = text.slice(comment[0].length).trimStart();
  return {
    ...checkDocument(place, yaml.includes('/*')),
    body,
    bodyLine: lineAt(text, text.length - body.length),
    lineOf: (path) => lineOfPath(place, path),
  };
}

interface Place {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lineAt: (offset: number) => number;
}

function checkDocument(place: Place, nested: boolean): Pick<ReadHeader, 'header' | 'problems'> {
  const { file, document } = place;
  if (nested) {
    const mend =
      'Write it without /*: Postgres nests comments, so the header would not end where it seems to.';
    return {
      header: null,
      problems: [{ file, line: place.lineAt(0), problem: 'the header has a /* inside', mend }],
    };
  }
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file,
      line: place.lineAt(error.pos[0]),
      problem: `the header is not YAML: ${(error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
      mend: 'Quote a text that has ": " or begins with a sign of YAML.',
    }));
    return { header: null, problems };
  }
  const value: unknown = document.toJS();
  const kind = kindOf(value);
  const validate = kind === null ? undefined : validators.get(kind);
  if (validate === undefined) {
    const expected = Object.keys(headerSchemas).join(', ');
    const problem = kind === null ? 'the header has no kind' : `kind ${kind} is not known`;
    return {
      header: null,
      problems: [{ file, line: lineOfPath(place, ['kind']), problem, mend: `Kinds are ${expected}.` }],
    };
  }
  if (isHeader(value, validate)) return { header: value, problems: [] };
  return {
    header: null,
    problems: (validate.errors ?? []).filter(tellsSomething).map((error) => explain(place, error)),
  };
}

function isHeader(value: unknown, validate: ValidateFunction): value is Header {
  return validate(value);
}

function kindOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
  return typeof value.kind === 'string' ? value.kind : null;
}

/** ajv reports the reason and, beside it, that the enclosing rule failed: the reason is enough. */
function tellsSomething(error: ErrorObject): boolean {
  return error.keyword !== 'anyOf' && !(error.keyword === 'pattern' && error.propertyName !== undefined);
}

function explain(place: Place, error: ErrorObject): ModelProblem {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const where = path.length === 0 ? 'the header' : path.join('.');
  const problem = { file: place.file, line: lineOfPath(place, path) };
  const { params } = error;
  if (error.keyword === 'additionalProperties') {
    const extra = String(params['additionalProperty']);
    return {
      ...problem,
      line: lineOfPath(place, [...path, extra]),
      problem: `${where} has ${extra}, which is not known here`,
      mend: `Known here: ${Object.keys(propertiesOf(error)).join(', ')}.`,
    };
  }
  if (error.keyword === 'required') {
    return { ...problem, problem: `${where} lacks ${String(params['missingProperty'])}`, mend: 'Add it.' };
  }
  if (error.keyword === 'propertyNames') {
    const bad = String(params['propertyName']);
    return {
      ...problem,
      line: lineOfPath(place, [...path, bad]),
      problem: `${where} names ${bad}`,
      mend: 'Names are snake_case: small letters, digits and _, at most 63.',
    };
  }
  const allowed = error.keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  return {
    ...problem,
    problem: `${where} ${error.message ?? 'is wrong'}${allowed}`,
    mend: examplesOf(error) ?? 'See models/header-schema.ts.',
  };
}

/** How a text of this place is written, where its schema has an example. */
function examplesOf({ parentSchema }: ErrorObject): string | null {
  const examples: unknown = parentSchema?.['examples'];
  return Array.isArray(examples) ? `Write it as in ${examples.join(', ')}.` : null;
}

function propertiesOf(error: ErrorObject): object {
  const schema: unknown = error.parentSchema;
  if (typeof schema !== 'object' || schema === null || !('properties' in schema)) return {};
  return typeof schema.properties === 'object' && schema.properties !== null ? schema.properties : {};
}

function lineOfPath(place: Place, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const offset = offsetInYaml(place.document, path.slice(0, depth));
    if (offset !== null) return place.lineAt(offset.at) + offset.lines;
  }
  return place.lineAt(place.document.contents?.range[0] ?? 0);
}

function unread(text: string, problem: ModelProblem): ReadHeader {
  return { header: null, problems: [problem], body: text, bodyLine: 1, lineOf: () => 1 };
}

/** The line (from 1) of a character offset. */
function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
