import {
  notPortableTable,
  portableChanges,
  portableForms,
  portableFunctions,
  portableOperators,
  portableTypes,
} from '../graph/sql/portable-table.ts'

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string
const code = (s: string): string => `\`${s}\``

/** docs/sql.md: prose, and the tables of the portable subset as the checker and the tests read them. */
export const sqlPage = (table: Table): string =>
  [
    '# SQL in a graph',
    'Written by `npm run docs`; the tables are those of `graph/sql/portable-table.ts`, and tests run every example on PostgreSQL and DuckDB.',
    '## What a query touches',
    `Order and caching rest on footprints, so they are found and not believed. The text is parsed with PostgreSQL's own
grammar: tables, sequences (\`nextval\`), files (\`read_csv('x')\`, \`copy … to\`, \`pg_read_file\`), for every statement
down to \`merge\`, \`truncate\` and DDL. A query that reads a file conflicts with every write of files.`,
    `- A declaration \`{ reads: […], writes: […] }\` may name more than the text and never less. \`*\` is anything, \`s.*\` all of
  a schema. What nobody can see in the text (\`DO\`, \`CALL\`, SQL as text) is believed as declared, else it is anything.
- A function that Quoin does not know needs a declaration: once for the database,
  \`sql('db', { functions: { score: { reads: ['weights'] } } })\`, or by the query. So does a text that the grammar does not
  read, such as most statements that only DuckDB has.
- Names are compared without case, and without the default schema (\`main\`, \`public\`). A quoted name with capitals and a
  function of another schema are none of the known ones.
- A query that writes is never dropped, merged or batched, whatever asks it (\`one\` … \`returning\`, \`nextval\`).
- Values never become part of the text: holes are parameters.`,
    '## Asking the database',
    `\`quoin check graph.ts --db risk=postgres://localhost/risk\` (or a DuckDB file) has every query described by the server:
nothing is run, the transaction only reads and is rolled back. In tests of your own: \`checkQueries\` of \`quoin/verify\`.`,
    table(
      ['compared', 'found'],
      [
        ['columns', 'missing, twice, of another type (with the codec that fits); surplus ones are warnings'],
        [
          'NULL',
          'a column that can be NULL without `t.option` is a warning; computed columns and those behind outer joins cannot be known, and a note says so',
        ],
        ['parameters', 'their number and types'],
        ['names and syntax', 'what the server says, at the line of your file'],
        [
          'footprint',
          'views, rules and policies, as the server follows them; triggers, cascades of foreign keys, defaults, bodies of SQL and PL/pgSQL functions, as the catalogue has them; views and macros of DuckDB. What lies outside is an error with the declaration to write',
        ],
        ['two names', 'one table called `t` here and `s.t` there'],
        ['portable queries', 'types of columns that lie outside'],
      ],
    ),
    `Not followed: dynamic SQL and functions in other languages (a note says so), sequences behind defaults, and look-ups of
foreign keys that only refuse a write. Partitions and inheriting tables belong to their parent; they have to be declared
where another query of the graph names them.`,
    '## Dialects and the portable subset',
    `Nothing has to be declared. \`quoin explain\` and the manifest say of every query whether it is portable, or what keeps
it out. \`sql('db', { dialect: 'duckdb' })\` (or of one query: \`{ dialect: 'postgres' }\`) says for whom it is written: a
driver of another engine is then refused when the artefact is loaded. \`{ dialect: 'portable' }\` is checked when the graph
is built. Where files bind drivers of both engines to one database, \`quoin lint\` finds the queries that are not portable
and of which nothing is declared.`,
    `Portable means: PostgreSQL and DuckDB give the same answer, up to what an engine itself leaves open (rows without
\`order by\`, the order in which doubles are added). It supposes a database whose collation is \`C\` (or \`collate "C"\`),
columns of the types below, and text where \`||\` stands. Where one refuses, as with integers that overflow, the other
refuses too, in other words; doubles that overflow are an error in PostgreSQL only. The types of whole numbers differ here
and there (\`length\`): declare \`t.i64\`, which fits both.`,
    '### Whole queries',
    table(
      ['clause', 'example'],
      Object.entries(portableForms).map(([what, sql]) => [what, code(sql)]),
    ),
    '### Changes',
    portableChanges.map((sql) => `- ${code(sql)}`).join('\n'),
    '### Operators',
    table(
      ['operator', 'only', 'example'],
      Object.entries(portableOperators).map(([n, f]) => [code(n), f.only ?? '', code(f.example)]),
    ),
    '### Functions',
    table(
      ['function', 'only', 'example'],
      Object.entries(portableFunctions).map(([n, f]) => [code(n), f.only ?? '', code(f.example)]),
    ),
    '### Types',
    Object.values(portableTypes).join(' · '),
    'A parameter stands where its type is plain: beside a comparison, in `in (…)`, `between`, `limit`, `values`, `set`; elsewhere write `cast($1 as …)`.',
    '### Outside, and why',
    table(
      ['what', 'for example', 'why'],
      notPortableTable.map((n) => [n.what, code(n.example), n.why]),
    ),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
