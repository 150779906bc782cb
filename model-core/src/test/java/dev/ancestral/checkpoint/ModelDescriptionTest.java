package dev.ancestral.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelDescriptionTest {
  private static final EventSpec TEXT =
      new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 2, List.of("\n", "a", "ß"), 0);
  private static final EventSpec SOUND =
      new EventSpec(List.of(1), new EventSpec.Continuous(), true, 0, List.of(), 8000);

  // Numbers that a float64 would not keep, and names that have to be escaped.
  private static final RowSchema SCHEMA =
      new RowSchema(
          List.of(
              new RowColumn(
                  "land \"ß\".x",
                  ColumnKind.CATEGORY,
                  new ColumnType.Category(List.of("", "null", "\n", "DE"), true),
                  true,
                  "string"),
              new RowColumn(
                  "at",
                  ColumnKind.TIMESTAMP,
                  new ColumnType.Whole(
                      -9007199254740993L,
                      9007199254740993L,
                      2,
                      List.of(-9007199254740993L, 1L, 9007199254740995L)),
                  false,
                  "timestamp"),
              new RowColumn(
                  "price",
                  ColumnKind.INTEGER,
                  new ColumnType.Whole(Long.MIN_VALUE, 5, 5, List.of(Long.MIN_VALUE, 0L, 10L)),
                  false,
                  "decimal(10,2)"),
              new RowColumn(
                  "amount",
                  ColumnKind.REAL,
                  new ColumnType.Real(0.1, Double.MIN_NORMAL),
                  true,
                  "double")),
          RowSchema.Nulls.MISSING);

  @Test
  void round_trip() {
    for (EventSpec event :
        List.of(
            TEXT,
            SOUND,
            EventSpec.endedSequences(2, List.of("a", "b", EventSpec.END)),
            EventSpec.endedSequences(300, List.of()),
            EventSpec.discrete(256, 28, 28, 1),
            EventSpec.discrete(2, 9).withMissing(true),
            EventSpec.continuous(3).withColumns(List.of(column("b", 1), column("a", 2))),
            EventSpec.rows(SCHEMA),
            EventSpec.rows(SCHEMA).withClasses(2),
            EventSpec.rowSequences(SCHEMA))) {
      ModelDescription description =
          new ModelDescription(
              ModelDescription.FORMAT,
              "vae",
              Map.of("hidden", List.of(200, 100), "latent", 50, "rate", 0.25, "on", true),
              event,
              "uniform",
              "dl4j",
              Map.of("train", Map.of("epochs", 3)),
              Map.of("java", "17"));
      byte[] json = description.toJson();
      assertEquals(description, ModelDescription.parse(json, "model.json"));
      assertArrayEquals(json, ModelDescription.parse(json, "model.json").toJson());
    }
  }

  @Test
  void frequencies_of_labels_are_kept_and_checked() {
    String labelled =
        "{\"format\": 1, \"family\": \"pixelcnn\", \"event\": {\"shape\": [2], \"elements\":"
            + " {\"kind\": \"discrete\", \"levels\": 2}, \"classes\": 3}, \"labelFrequencies\": ";
    ModelDescription description = parse(labelled + "[3, 0.5, 0]}");
    assertEquals(List.of(3.0, 0.5, 0.0), description.labelFrequencies());
    assertEquals(description, ModelDescription.parse(description.toJson(), "model.json"));
    assertEquals(Math.log(3 / 3.5), description.frequencies().orElseThrow().logProb(0), 1e-15);
    for (String wrong : List.of("[1, 2]", "[1, 2, -1]", "[0, 0, 0]", "[1, 2, \"3\"]", "7")) {
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> parse(labelled + wrong + "}"));
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(
          refusal.getMessage().contains("labelFrequencies is " + wrong.charAt(0)),
          refusal.getMessage());
      assertTrue(refusal.getMessage().contains("a list of 3 numbers"), refusal.getMessage());
    }
    String plain = labelled.replace(", \"classes\": 3", "");
    assertThrows(AncestralException.class, () -> parse(plain + "[1]}"));
  }

  @Test
  void the_hash_of_the_parameters_is_kept_and_may_be_absent() {
    String head =
        "{\"format\": 1, \"family\": \"hmm\", \"event\": {\"shape\": [2], \"elements\":"
            + " {\"kind\": \"discrete\", \"levels\": 2}}";
    assertEquals(Optional.empty(), parse(head + "}").parametersSha256());
    String sha256 = "0a".repeat(32);
    ModelDescription description = parse(head + ", \"parametersSha256\": \"" + sha256 + "\"}");
    assertEquals(Optional.of(sha256), description.parametersSha256());
    assertEquals(description, ModelDescription.parse(description.toJson(), "model.json"));
    assertEquals(
        Optional.of(sha256), description.withProvenance(Map.of("java", "17")).parametersSha256());
    for (String wrong : List.of("7", "\"0A\"", "\"" + sha256 + "0\"")) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> parse(head + ", \"parametersSha256\": " + wrong + "}"));
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(refusal.getMessage().contains("64 digits"), refusal.getMessage());
    }
  }

  private static EventSpec.Column column(String name, int elements) {
    return new EventSpec.Column(name, elements);
  }

  @Test
  void columns_are_named_once_and_fill_the_shape() {
    EventSpec pair = EventSpec.continuous(2);
    EventSpec ab = pair.withColumns(List.of(column("a", 1), column("b", 1)));
    EventSpec ba = pair.withColumns(List.of(column("b", 1), column("a", 1)));
    assertTrue(ab.sameColumns(pair) && pair.sameColumns(ab) && !ab.sameColumns(ba));
    assertEquals("columns [a, b], not [b, a]", ab.differenceFrom(ba));
    for (List<EventSpec.Column> wrong :
        List.of(
            List.of(column("a", 1), column("a", 1)),
            List.of(column("a", 1)),
            List.of(column("a", 3), column("b", -1)))) {
      assertThrows(AncestralException.class, () -> pair.withColumns(wrong));
    }
  }

  @Test
  void a_file_written_by_hand_needs_three_fields() {
    ModelDescription description =
        parse(
            "{\"format\": 1, \"family\": \"naive-bayes\", \"event\":"
                + " {\"shape\": [2], \"elements\": {\"kind\": \"discrete\", \"levels\": 2}}}");
    assertEquals(EventSpec.discrete(2, 2), description.event());
    assertEquals("none", description.dequantize());
    assertEquals("torch", description.engine());
    assertEquals(Map.of(), description.model());
  }

  @Test
  void a_later_format_is_a_mismatch_whatever_its_fields() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> parse("{\"format\": 2, \"kind\": \"flow\"}"));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().startsWith("model.json: format is 2, written by a later"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"format\": 1| \"format\": \"1\"| model.json: format is \"1\"; it must be a whole number",
        "\"format\": 1,| ``| model.json: format is missing; it must be a whole number",
        "\"format\": 1| \"format\": 0| model.json: format is 0; it must be a whole number of at",
        "\"hmm\"| 5| model.json: family is 5; it must be a text",
        "\"hmm\",| \"hmm\", \"weights\": 1,| model.json: weights is not a known field; known here",
        "\"hmm\",| \"hmm\", \"parameters\": [],| model.json: parameters is []; it must be an"
            + " object",
        "\"hmm\",| \"hmm\", \"dequantize\": \"x\",| model.json: dequantize is \"x\"; it must be"
            + " \"none\"",
        "[28, 28]| [28, 0]| model.json: event.shape[1] is 0; it must be a list of whole numbers",
        "[28, 28]| 28| model.json: event.shape is 28; it must be a list of whole numbers",
        "[28, 28]| []| event shape is []; it needs sizes of at least 1",
        "\"discrete\"| \"binary\"| model.json: event.elements.kind is \"binary\"; it must be"
            + " \"discrete\"",
        "256| 1| model.json: event.elements.levels is 1; it must be a whole number of at least 2",
        "256| 256, \"bits\": 8| model.json: event.elements.bits is not a known field",
        "\"classes\": 3| \"classes\": -3| model.json: event.classes is -3; it must be a whole"
            + " number",
        "\"classes\": 3| \"vocabulary\": [\"a\", 1]| model.json: event.vocabulary[1] is 1; it must"
            + " be",
        "\"classes\": 3| \"variableLength\": 1| model.json: event.variableLength is 1; it must be"
            + " true",
        "\"classes\": 3| \"classes\": 3, \"classes\": 3| Duplicate field 'classes'",
        "}}| }| model.json: no JSON at line 1 column",
        "\"event\"| \"Event\"| model.json: event is missing; it must be an object",
      })
  void a_wrong_field_is_named(String right, String wrong, String message) {
    String document =
        "{\"format\": 1, \"family\": \"hmm\", \"event\": {\"shape\": [28, 28], \"classes\": 3,"
            + " \"elements\": {\"kind\": \"discrete\", \"levels\": 256}}}";
    parse(document);
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> parse(document.replace(right, wrong)));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  private static ModelDescription parse(String json) {
    return ModelDescription.parse(json.getBytes(StandardCharsets.UTF_8), "model.json");
  }
}
