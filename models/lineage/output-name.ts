import type { Node, SelectStmt } from 'libpg-query';
import { impliedName, names } from '../sql-tree.ts';

/**
 * The name that Postgres gives an output column, also where nobody wrote one: a query around it may say `t.coalesce`.
 *
 * @see https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/parser/parse_target.c FigureColname
 */
export function outputName(node: Node): string {
  return figured(node) ?? '?column?';
}

function figured(node: Node): string | null {
  if ('CoalesceExpr' in node) return 'coalesce';
  if ('MinMaxExpr' in node) return node.MinMaxExpr.op === 'IS_LEAST' ? 'least' : 'greatest';
  if ('CaseExpr' in node) {
    const last = node.CaseExpr.defresult;
    return (last === undefined ? null : figured(last)) ?? 'case';
  }
  if ('A_ArrayExpr' in node) return 'array';
  if ('RowExpr' in node) return 'row';
  if ('GroupingFunc' in node) return 'grouping';
  if ('SQLValueFunction' in node)
    return (node.SQLValueFunction.op ?? '')
      .replace(/^SVFOP_/, '')
      .replace(/_N$/, '')
      .toLowerCase();
  if ('SubLink' in node) return ofSubLink(node.SubLink.subLinkType ?? '', node.SubLink.subselect);
  if ('TypeCast' in node) {
    const { arg, typeName } = node.TypeCast;
    return (arg === undefined ? null : figured(arg)) ?? names(typeName?.names).at(-1) ?? null;
  }
  if ('A_Indirection' in node) {
    const fields = (node.A_Indirection.indirection ?? []).flatMap((one) =>
      'String' in one ? [one.String.sval ?? ''] : [],
    );
    const { arg } = node.A_Indirection;
    return fields.at(-1) ?? (arg === undefined ? null : figured(arg));
  }
  const implied = impliedName(node);
  // A whole row that something is made of has the name of its relation.
  return implied === '*' && 'ColumnRef' in node ? (names(node.ColumnRef.fields).at(-2) ?? null) : implied;
}

function ofSubLink(type: string, subselect: Node | undefined): string | null {
  if (type === 'EXISTS_SUBLINK') return 'exists';
  if (type === 'ARRAY_SUBLINK') return 'array';
  if (type !== 'EXPR_SUBLINK' || subselect === undefined || !('SelectStmt' in subselect)) return null;
  return firstName(subselect.SelectStmt);
}

function firstName(select: SelectStmt): string | null {
  if (select.larg !== undefined) return firstName(select.larg);
  const first = select.targetList?.[0];
  if (first === undefined || !('ResTarget' in first)) return null;
  return first.ResTarget.name ?? (first.ResTarget.val === undefined ? null : figured(first.ResTarget.val));
}
