package dev.ancestral.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A {@link RowSchema} in JSON, {@code schema} beside {@code event} in model.json and in manifests:
 *
 * <pre>{@code
 * {"nulls": "value",
 *  "columns": [
 *   {"name": "country", "kind": "category", "type": "string", "nullable": true,
 *    "vocabulary": ["DE", "FR"], "other": false},
 *   {"name": "age", "kind": "integer", "type": "int", "nullable": false,
 *    "least": 17, "greatest": 90, "step": 1, "edges": [17, 30, 91]},
 *   {"name": "amount", "kind": "real", "type": "double", "nullable": false,
 *    "shift": 12.5, "scale": 3.25}]}
 * }</pre>
 *
 * <p>{@code type} is the type of the column in tables. Numbers of integers, dates and timestamps
 * are in units of one, of a day and of a microsecond; those of a decimal in units of its last
 * place.
 */
final class RowSchemaJson {
  private static final int MOST_COLUMNS = 1 << 20;

  private RowSchemaJson() {}

  static ObjectNode toJson(RowSchema schema) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("nulls", schema.nulls().name().toLowerCase(Locale.ROOT));
    ArrayNode columns = json.putArray("columns");
    for (RowColumn column : schema.columns()) {
      ObjectNode node =
          columns
              .addObject()
              .put("name", column.name())
              .put("kind", column.kind().text())
              .put("type", column.sqlType())
              .put("nullable", column.nullable());
      if (column.type() instanceof ColumnType.Category category) {
        category.vocabulary().forEach(node.putArray("vocabulary")::add);
        node.put("other", category.otherSeen());
      } else if (column.type() instanceof ColumnType.Whole whole) {
        node.put("least", whole.least()).put("greatest", whole.greatest());
        node.put("step", whole.step());
        whole.edges().forEach(node.putArray("edges")::add);
      } else if (column.type() instanceof ColumnType.Real real) {
        node.put("shift", real.shift()).put("scale", real.scale());
      }
    }
    return json;
  }

  static RowSchema parse(JsonNode json, String where) {
    JsonFields fields = new JsonFields(json, "schema", where);
    String nulls = fields.text("nulls");
    if (!nulls.equals("value") && !nulls.equals("missing")) {
      throw fields.wrong("nulls", json.get("nulls"), "\"value\" or \"missing\"");
    }
    JsonNode list = fields.required("columns", "a list of columns");
    if (!list.isArray() || list.isEmpty() || list.size() > MOST_COLUMNS) {
      throw fields.wrong("columns", list, "a list of 1 to " + MOST_COLUMNS + " columns");
    }
    fields.refuseOthers();
    List<RowColumn> columns = new ArrayList<>();
    for (JsonNode column : list) {
      columns.add(column(column, "schema.columns[" + columns.size() + "]", where));
    }
    try {
      return new RowSchema(columns, RowSchema.Nulls.valueOf(nulls.toUpperCase(Locale.ROOT)));
    } catch (IllegalArgumentException impossible) {
      throw wrong(where, "schema.columns", impossible);
    }
  }

  private static AncestralException wrong(
      String where, String path, IllegalArgumentException impossible) {
    return new AncestralException(
        ErrorCode.DATA,
        where + ": " + path + ": " + impossible.getMessage() + "; restore the file",
        impossible);
  }

  private static RowColumn column(JsonNode json, String path, String where) {
    JsonFields fields = new JsonFields(json, path, where);
    String name = fields.text("name");
    String kindName = fields.text("kind");
    ColumnKind kind = null;
    for (ColumnKind one : ColumnKind.values()) {
      kind = one.text().equals(kindName) ? one : kind;
    }
    if (kind == null) {
      throw fields.wrong("kind", json.get("kind"), "category, integer, real, date or timestamp");
    }
    try {
      ColumnType type =
          switch (kind) {
            case CATEGORY ->
                new ColumnType.Category(fields.texts("vocabulary"), fields.flag("other", false));
            case REAL -> new ColumnType.Real(fields.number("shift"), fields.number("scale"));
            default ->
                new ColumnType.Whole(
                    fields.integer("least"),
                    fields.integer("greatest"),
                    fields.integer("step"),
                    fields.integers("edges"));
          };
      RowColumn column =
          new RowColumn(name, kind, type, fields.flag("nullable", false), fields.text("type"));
      fields.refuseOthers();
      return column;
    } catch (IllegalArgumentException impossible) {
      throw wrong(where, path, impossible);
    }
  }
}
