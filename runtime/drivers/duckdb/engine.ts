/**
 * The part of `@duckdb/node-api` that this driver uses, as structural types: the package is an optional peer, so
 * neither
 * our code nor our declarations may need it before a query runs.
 */
export interface DuckType {
  readonly typeId: number
  readonly alias?: string | undefined
  toString(): string
}
export interface DuckResult {
  /** 1 when the statement changed rows, 3 when it answers rows. */
  readonly returnType: number
  readonly rowsChanged: number
  columnNames(): string[]
  columnTypes(): DuckType[]
  fetchChunk(): Promise<DuckChunk | null>
}
export interface DuckChunk {
  readonly rowCount: number
  getColumnVector(index: number): unknown
}
export interface DuckPrepared {
  readonly statementType: number
  readonly parameterCount: number
  bindNull(index: number): void
  bindValue(index: number, value: unknown, type?: unknown): void
  stream(): Promise<DuckResult>
  destroySync(): void
}
export interface DuckConnection {
  prepare(sql: string): Promise<DuckPrepared>
  interrupt(): void
  disconnectSync(): void
}
export interface DuckInstance {
  connect(): Promise<DuckConnection>
  closeSync(): void
}

/** Constructors and types of the package. */
export interface DuckEngine {
  readonly DuckDBInstance: { create(path?: string, options?: Record<string, string>): Promise<DuckInstance> }
  readonly DuckDBListValue: new (items: readonly unknown[]) => unknown
  readonly DuckDBTimestampValue: new (micros: bigint) => unknown
  readonly DuckDBDecimalValue: new (value: bigint, width: number, scale: number) => unknown
  readonly DuckDBBlobValue: new (bytes: Uint8Array) => unknown
  readonly LIST: (of: DuckType) => DuckType
  readonly DECIMAL: (width: number, scale: number) => DuckType
  readonly BOOLEAN: DuckType
  readonly INTEGER: DuckType
  readonly UINTEGER: DuckType
  readonly BIGINT: DuckType
  readonly UBIGINT: DuckType
  readonly FLOAT: DuckType
  readonly DOUBLE: DuckType
  readonly VARCHAR: DuckType
  readonly BLOB: DuckType
  readonly TIMESTAMP: DuckType
}

/**
 * Loads the peer when the first query needs it: it costs a quarter of a second and 70 MB that no one else should pay.
 */
export const loadEngine = async (): Promise<DuckEngine> => {
  const module: unknown = await import('@duckdb/node-api')
  return module as DuckEngine
}

/** The kinds of statement this driver tells apart (duckdb_statement_type). */
export const selectStatement = 1
/** BEGIN, COMMIT and ROLLBACK. */
export const transactionStatement = 10
export const changingStatements: ReadonlySet<number> = new Set([2, 3, 5, 30])
/** duckdb_result_type: the statement changed rows and says how many. */
export const changedRows = 1
