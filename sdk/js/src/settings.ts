// Settings: one declaration is their JSON Schema, their TypeScript type and their reader.

import { type Field, type FieldsOf, type Json, type JsonObject, readRow, rowSchema, writeRow } from "./fields";

/** Settings of a plugin. */
export interface Settings<S> {
  /** The JSON Schema (2020-12) from which the host draws the form. */
  readonly schema: JsonObject;
  /** What to begin with, as JSON. */
  readonly defaults: JsonObject;
  /** Reads what the host has checked against the schema. Throws, naming the place, where it does not fit. */
  read(json: string): S;
}

/** The type of what settings read: `type Mine = SettingsOf<typeof settings>`. */
export type SettingsOf<T> = T extends Settings<infer S> ? S : never;

/**
 * Declares settings, in the order of the form, and what they begin with. A misspelt setting is an error and not a default.
 *
 * ```ts
 * export const settings = defineSettings(
 *   { from_pieces: setting.integer({ title: text("起始件数", "From pieces"), min: 1n, max: 1_000_000n }) },
 *   { from_pieces: 10n },
 * );
 * ```
 */
export function defineSettings<F extends Record<string, Field<unknown>>>(
  fields: F,
  defaults: FieldsOf<F>,
): Settings<FieldsOf<F>> {
  return {
    schema: { $schema: "https://json-schema.org/draft/2020-12/schema", ...rowSchema(fields) },
    defaults: writeRow(fields, defaults),
    read: (json) => readRow(fields, JSON.parse(json) as Json, "settings"),
  };
}
