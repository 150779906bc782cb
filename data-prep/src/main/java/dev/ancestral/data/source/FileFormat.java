package dev.ancestral.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ancestral.Refusal;
import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.spark.api.java.JavaRDD;

/**
 * A format with one example a file. The first pass looks at names alone, and at the first file,
 * which fixes the event; the others are opened once, where they are written.
 */
interface FileFormat extends Source {

  /** Expression whose first group, on the file name, is the label; empty if there are none. */
  String labelPattern();

  /** What the file holds, without labels. */
  EventSpec event(Storage storage, InputFile file);

  /**
   * The elements of a file.
   *
   * @param encoding the event that it must fit
   * @param from the file that fixed the event, for messages
   * @throws Refusal (DATA) if it is damaged or does not fit
   */
  Elements read(Storage storage, InputFile file, EventSpec encoding, String from);

  /**
   * What was read.
   *
   * @param payload in its stored form
   * @param length steps of a sequence, or {@link Example#NONE}
   */
  record Elements(byte[] payload, int length) {}

  @Override
  default Survey survey(SourceContext context) {
    JavaRDD<InputFile> files = context.files();
    String pattern = labelPattern();
    List<long[]> counts =
        Outcome.values(
            files
                .mapPartitions(some -> List.of(Outcome.of(() -> count(some, pattern))).iterator())
                .collect(),
            long[].class);
    InputFile first = files.first();
    long largestLabel = counts.stream().mapToLong(c -> c[1]).max().orElse(Example.NONE);
    return new Named(
        this,
        context,
        counts,
        event(context.storage(), first).withClasses(Math.toIntExact(largestLabel + 1)),
        first);
  }

  /** Number of files and the largest label. */
  private static long[] count(Iterator<InputFile> files, String labelPattern) {
    Pattern pattern = Pattern.compile(labelPattern);
    long[] count = {0, Example.NONE};
    while (files.hasNext()) {
      count[0]++;
      count[1] = Math.max(count[1], label(files.next(), pattern));
    }
    return count;
  }

  private static int label(InputFile file, Pattern pattern) {
    if (pattern.pattern().isEmpty()) {
      return Example.NONE;
    }
    Matcher matcher = pattern.matcher(file.name());
    if (!matcher.find() || matcher.groupCount() < 1 || matcher.group(1) == null) {
      throw new Refusal(
          Refusal.Kind.DATA,
          file
              + ": the name has nothing that the label pattern '"
              + pattern
              + "' captures in a group; correct the pattern, or leave the file out");
    }
    try {
      int label = Integer.parseInt(matcher.group(1));
      if (label >= 0 && label < 1 << 20) {
        return label;
      }
    } catch (NumberFormatException e) {
      // Refused below, with what a label must be.
    }
    throw new Refusal(
        Refusal.Kind.DATA,
        file
            + ": the label '"
            + matcher.group(1)
            + "' (by the pattern '"
            + pattern
            + "') must be a whole number from 0 to "
            + ((1 << 20) - 1));
  }

  /** The survey of names. */
  final class Named implements Survey {
    private final FileFormat format;
    private final SourceContext context;
    private final List<long[]> counts;
    private final EventSpec event;
    private final InputFile first;

    private Named(
        FileFormat format,
        SourceContext context,
        List<long[]> counts,
        EventSpec event,
        InputFile first) {
      this.format = format;
      this.context = context;
      this.counts = counts;
      this.event = event;
      this.first = first;
    }

    @Override
    public long examples() {
      return counts.stream().mapToLong(c -> c[0]).sum();
    }

    @Override
    public EventSpec event() {
      return event;
    }

    @Override
    public String largestAt() {
      return first.uri();
    }

    @Override
    public Extraction extract(EventSpec encoding) {
      long[] positions = new long[counts.size()];
      for (int p = 1; p < positions.length; p++) {
        positions[p] = positions[p - 1] + counts.get(p - 1)[0];
      }
      String pattern = format.labelPattern();
      FileFormat theFormat = format;
      Storage storage = context.storage();
      String from = first.uri();
      return new Extraction(
          context
              .files()
              .mapPartitionsWithIndex((p, some) -> names(some, pattern, positions[p]), false),
          (id, raw) -> {
            InputFile file = file(raw.data());
            Elements elements = theFormat.read(storage, file, encoding, from);
            return new Example(id, elements.payload(), raw.label(), elements.length());
          },
          event);
    }

    private static Iterator<RawExample> names(
        Iterator<InputFile> files, String labelPattern, long position) {
      Pattern pattern = Pattern.compile(labelPattern);
      return new Iterator<>() {
        private long next = position;

        @Override
        public boolean hasNext() {
          return files.hasNext();
        }

        @Override
        public RawExample next() {
          InputFile file = files.next();
          byte[] uri = file.uri().getBytes(UTF_8);
          return new RawExample(next++, uri, label(file, pattern), Example.NONE);
        }
      };
    }

    private static InputFile file(byte[] uri) {
      return new InputFile(0, new String(uri, UTF_8), 0, 0);
    }
  }

  /** Files with one of these endings, or those that the expression finds in their name. */
  static boolean accepts(String fileName, String include, List<String> endings) {
    if (!include.isEmpty()) {
      return Pattern.compile(include).matcher(fileName).find();
    }
    String lower = fileName.toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(lower::endsWith);
  }

  /**
   * Refuses an expression that is none.
   *
   * @throws Refusal (SPEC)
   */
  static void check(String name, String expression) {
    try {
      Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          name + " '" + expression + "' is no regular expression: " + e.getDescription(),
          e);
    }
  }
}
