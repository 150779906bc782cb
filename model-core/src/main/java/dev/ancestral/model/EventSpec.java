package dev.ancestral.model;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What one example is: its shape, the values its elements take, and whether it carries a label.
 *
 * <p>Images are [height, width, channels]. A sequence ({@code variableLength}) has the shape of one
 * step and as many steps as its length says.
 *
 * @param shape sizes of one example (of one step of a sequence), row-major; a scalar step is [1]
 * @param elements what an element is
 * @param variableLength whether the example is a sequence of steps
 * @param classes number of labels, 0 where examples have none
 * @param vocabulary for text and for other symbols the text of each code, else empty
 * @param sampleRate for sound in hertz, else 0
 * @param missing whether elements may be missing; in a batch a missing one is NaN
 * @param columns of a table in the order of the elements, else empty
 * @param learnedEnd whether a sequence ends with the {@link #endSymbol}, its last step, so that its
 *     probability is also that of its length; an end symbol stands nowhere else
 */
public record EventSpec(
    List<Integer> shape,
    Elements elements,
    boolean variableLength,
    int classes,
    List<String> vocabulary,
    int sampleRate,
    boolean missing,
    List<Column> columns,
    boolean learnedEnd)
    implements Serializable {

  /** Most levels of an element: whole numbers up to here are exact in float32. */
  public static final int MOST_LEVELS = 1 << 24;

  /** What the end symbol is called in a vocabulary: the control character "end of text". */
  public static final String END = "\u0003";

  /** Most classes. */
  public static final int MOST_CLASSES = 1 << 20;

  /** The values an element takes. */
  public sealed interface Elements extends Serializable permits Discrete, Continuous, Row {}

  /** Whole numbers 0 to levels − 1. */
  public record Discrete(int levels) implements Elements {
    public Discrete {
      if (levels < 2 || levels > MOST_LEVELS) {
        throw new AncestralException(
            ErrorCode.DATA,
            "levels is " + levels + "; discrete elements have from 2 to " + MOST_LEVELS);
      }
    }
  }

  /** Real numbers, stored as float32. */
  public record Continuous() implements Elements {}

  /**
   * The columns of a row of a table, each with as many elements as its type takes; a null is NaN.
   * The event's shape is [elements of a row], or that of a step of a sequence of rows.
   */
  public record Row(RowSchema schema) implements Elements {}

  /**
   * A column of a table.
   *
   * @param name as in the table
   * @param elements that it takes: 1, or the length of its lists
   */
  public record Column(String name, int elements) implements Serializable {}

  public EventSpec {
    shape = List.copyOf(shape);
    columns = List.copyOf(columns);
    vocabulary = List.copyOf(vocabulary);
    if (shape.isEmpty() || shape.stream().anyMatch(n -> n < 1)) {
      throw new AncestralException(
          ErrorCode.DATA, "event shape is " + shape + "; it needs sizes of at least 1");
    }
    requireFewElements(shape);
    if (classes < 0 || classes > MOST_CLASSES) {
      throw new AncestralException(
          ErrorCode.DATA, "classes is " + classes + "; it must be from 0 to " + MOST_CLASSES);
    }
    requireCodes(vocabulary, elements);
    requireColumns(shape, columns);
    requireEnds(shape, elements, variableLength, vocabulary, missing, learnedEnd);
    if (elements instanceof Row row
        && (shape.size() != 1
            || shape.get(0) != row.schema().size()
            || (!columns.isEmpty() && !columns.equals(columns(row.schema()))))) {
      throw new AncestralException(
          ErrorCode.DATA,
          "event shape is "
              + shape
              + " and its columns are "
              + columns
              + "; the schema takes "
              + columns(row.schema()));
    }
  }

  private static void requireColumns(List<Integer> shape, List<Column> columns) {
    Set<String> names = columns.stream().map(Column::name).collect(Collectors.toSet());
    long elements = columns.stream().mapToLong(Column::elements).sum();
    boolean whole = shape.size() == 1 && elements == shape.get(0);
    boolean once = names.size() == columns.size();
    if (!columns.isEmpty()
        && (!whole || !once || columns.stream().anyMatch(column -> column.elements() < 1))) {
      throw new AncestralException(
          ErrorCode.DATA,
          "columns are "
              + columns
              + " for the shape "
              + shape
              + "; they must have different names and as many elements together");
    }
  }

  private static void requireEnds(
      List<Integer> shape,
      Elements elements,
      boolean variableLength,
      List<String> vocabulary,
      boolean missing,
      boolean learnedEnd) {
    boolean symbols =
        variableLength && !missing && elements instanceof Discrete && shape.equals(List.of(1));
    if (learnedEnd && !symbols) {
      throw new AncestralException(
          ErrorCode.DATA,
          "end is learned for steps of shape "
              + shape
              + (missing ? ", some of them missing" : "")
              + "; only sequences of one discrete element a step, none of them missing, have an"
              + " end symbol");
    }
    if (learnedEnd && !vocabulary.isEmpty() && !vocabulary.get(vocabulary.size() - 1).equals(END)) {
      throw new AncestralException(
          ErrorCode.DATA,
          "end is learned, but the last entry of the vocabulary is '"
              + vocabulary.get(vocabulary.size() - 1)
              + "'; it must be the character U+0003, which stands for the end");
    }
  }

  private static void requireFewElements(List<Integer> shape) {
    long product = 1;
    for (int n : shape) {
      product *= n; // Both below 2^31, so it cannot overflow before it is too large.
      if (product > Integer.MAX_VALUE) {
        throw new AncestralException(
            ErrorCode.DATA,
            "event shape is " + shape + "; it may have " + Integer.MAX_VALUE + " elements at most");
      }
    }
  }

  private static void requireCodes(List<String> vocabulary, Elements elements) {
    // Dequantized text keeps its vocabulary though its elements are real numbers.
    if (vocabulary.isEmpty() || !(elements instanceof Discrete discrete)) {
      return;
    }
    int levels = discrete.levels();
    if (levels != Math.max(2, vocabulary.size())
        || new HashSet<>(vocabulary).size() != vocabulary.size()) {
      throw new AncestralException(
          ErrorCode.DATA,
          "vocabulary has "
              + vocabulary.size()
              + " characters for "
              + levels
              + " levels; it must have one for each, and none twice");
    }
    if (vocabulary.contains("")) {
      throw new AncestralException(
          ErrorCode.DATA,
          "vocabulary has an empty entry; each must be a symbol of a character or more");
    }
  }

  /** An event in which no step is an end. */
  public EventSpec(
      List<Integer> shape,
      Elements elements,
      boolean variableLength,
      int classes,
      List<String> vocabulary,
      int sampleRate,
      boolean missing,
      List<Column> columns) {
    this(shape, elements, variableLength, classes, vocabulary, sampleRate, missing, columns, false);
  }

  /** An event whose elements are no columns of a table. */
  public EventSpec(
      List<Integer> shape,
      Elements elements,
      boolean variableLength,
      int classes,
      List<String> vocabulary,
      int sampleRate,
      boolean missing) {
    this(shape, elements, variableLength, classes, vocabulary, sampleRate, missing, List.of());
  }

  /** An event none of whose elements is missing. */
  public EventSpec(
      List<Integer> shape,
      Elements elements,
      boolean variableLength,
      int classes,
      List<String> vocabulary,
      int sampleRate) {
    this(shape, elements, variableLength, classes, vocabulary, sampleRate, false);
  }

  /** An event of fixed shape with discrete elements and no label. */
  public static EventSpec discrete(int levels, Integer... shape) {
    return new EventSpec(List.of(shape), new Discrete(levels), false, 0, List.of(), 0);
  }

  /** An event of fixed shape with continuous elements and no label. */
  public static EventSpec continuous(Integer... shape) {
    return new EventSpec(List.of(shape), new Continuous(), false, 0, List.of(), 0);
  }

  /**
   * Sequences of symbols that end with an end symbol.
   *
   * @param symbols how many there are besides the end symbol, whose code is this number
   * @param vocabulary the character of each code, {@link #END} the last of them; empty for none
   */
  public static EventSpec endedSequences(int symbols, List<String> vocabulary) {
    return new EventSpec(
        List.of(1), new Discrete(symbols + 1), true, 0, vocabulary, 0, false, List.of(), true);
  }

  /** Rows of a table. */
  public static EventSpec rows(RowSchema schema) {
    return rows(schema, false, 0);
  }

  /** Sequences of rows of a table, one a step. */
  public static EventSpec rowSequences(RowSchema schema) {
    return rows(schema, true, 0);
  }

  private static EventSpec rows(RowSchema schema, boolean variableLength, int classes) {
    return new EventSpec(
        List.of(schema.size()),
        new Row(schema),
        variableLength,
        classes,
        List.of(),
        0,
        schema.missing(),
        columns(schema));
  }

  /** The elements of each column of a schema. */
  public static List<Column> columns(RowSchema schema) {
    return schema.columns().stream()
        .map(column -> new Column(column.name(), column.type().elements()))
        .toList();
  }

  public EventSpec withClasses(int newClasses) {
    return new EventSpec(
        shape,
        elements,
        variableLength,
        newClasses,
        vocabulary,
        sampleRate,
        missing,
        columns,
        learnedEnd);
  }

  public EventSpec withElements(Elements newElements) {
    return new EventSpec(
        shape,
        newElements,
        variableLength,
        classes,
        vocabulary,
        sampleRate,
        missing,
        columns,
        learnedEnd);
  }

  public EventSpec withMissing(boolean mayBeMissing) {
    return new EventSpec(
        shape,
        elements,
        variableLength,
        classes,
        vocabulary,
        sampleRate,
        mayBeMissing,
        columns,
        learnedEnd);
  }

  /** The same event with its elements named. */
  public EventSpec withColumns(List<Column> newColumns) {
    Elements arranged =
        elements instanceof Row row && !newColumns.isEmpty()
            ? new Row(row.schema().arranged(newColumns.stream().map(Column::name).toList()))
            : elements;
    return new EventSpec(
        shape,
        arranged,
        variableLength,
        classes,
        vocabulary,
        sampleRate,
        missing,
        newColumns,
        learnedEnd);
  }

  /** Whether the elements of both are the same columns in the same order, or one names none. */
  public boolean sameColumns(EventSpec other) {
    return columns.isEmpty() || other.columns.isEmpty() || columns.equals(other.columns);
  }

  /** Names of the columns, in their order. */
  public List<String> columnNames() {
    return columns.stream().map(Column::name).toList();
  }

  /** Elements of one example, or of one step of a sequence. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  public boolean isDiscrete() {
    return elements instanceof Discrete;
  }

  /** Whether an example, or a step of a sequence, is a row of a table. */
  public boolean isRows() {
    return elements instanceof Row;
  }

  /** The columns of a row, where examples are rows or sequences of rows. */
  public Optional<RowSchema> schema() {
    return elements instanceof Row row ? Optional.of(row.schema()) : Optional.empty();
  }

  /** Variables of one example, or of one step: columns of a row, else elements. */
  public int variables() {
    return elements instanceof Row row ? row.schema().columns().size() : size();
  }

  /** Number of levels of a discrete event; 0 for others. */
  public int levels() {
    return elements instanceof Discrete d ? d.levels() : 0;
  }

  /**
   * The code of the end symbol: the last level.
   *
   * @throws IllegalStateException if no end is learned
   */
  public int endSymbol() {
    if (!learnedEnd) {
      throw new IllegalStateException("events of " + describe() + " have no end symbol");
    }
    return levels() - 1;
  }

  public boolean hasLabels() {
    return classes > 0;
  }

  /**
   * For messages: how this event differs from another, where {@link #describe} does not tell; empty
   * if it does or nothing differs.
   */
  public String differenceFrom(EventSpec other) {
    if (!describe().equals(other.describe())) {
      return "";
    }
    if (sampleRate != other.sampleRate) {
      return "sampled at " + sampleRate + " Hz, not " + other.sampleRate;
    }
    if (!sameColumns(other)) {
      return "columns " + columnNames() + ", not " + other.columnNames();
    }
    for (int code = 0; code < Math.max(vocabulary.size(), other.vocabulary.size()); code++) {
      String own = code < vocabulary.size() ? "'" + vocabulary.get(code) + "'" : "nothing";
      String others =
          code < other.vocabulary.size() ? "'" + other.vocabulary.get(code) + "'" : "nothing";
      if (!own.equals(others)) {
        return "code " + code + " is " + own + ", not " + others;
      }
    }
    return "";
  }

  /** For messages: {@code 28×28×1 with 256 levels}. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    for (int n : shape) {
      text.append(text.isEmpty() ? "" : "×").append(n);
    }
    if (elements instanceof Row row) {
      text.setLength(0);
      text.append("rows of ").append(row.schema().columns().size()).append(" columns");
    } else {
      text.append(isDiscrete() ? " with " + levels() + " levels" : " of real numbers");
    }
    if (variableLength) {
      text.append(" a step, any number of steps");
      text.append(learnedEnd ? " up to an end symbol" : "");
    }
    if (missing) {
      text.append(", some of them missing");
    }
    if (hasLabels()) {
      text.append(", ").append(classes).append(" classes");
    }
    return text.toString();
  }
}
