package dev.ancestral.data.source.sequence;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.LineParts;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Text in UTF-8, plain or gzip: characters (code points) become their index in the vocabulary,
 * which is sorted.
 *
 * <p>An example is a block, a line or a file. Blocks have a fixed number of characters; the last of
 * a file may be shorter. A line ends before LF, before CR LF or at the end of its file; a CR
 * elsewhere is a character. A line or a file without any character is no example, and how many
 * there were is told. Where the end is learned, an end symbol follows the characters of an example
 * ({@link EventSpec#END}).
 *
 * @param example what an example is
 * @param length characters of a block, or most characters of a line or file
 * @param learnedEnd whether examples end with an end symbol
 */
public record Text(Extent example, int length, boolean learnedEnd) implements StreamedFormat {
  private static final long serialVersionUID = 1L;
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final int LONGEST = 1 << 24;
  // The least character that needs so many continuation bytes: longer forms of others are wrong.
  private static final int[] LEAST = {0, 0x80, 0x800, 0x10000};

  /** What an example is. */
  public enum Extent {
    /** So many characters. */
    BLOCK,
    /** The characters of a line. */
    LINE,
    /** The characters of a file. */
    FILE
  }

  public Text {
    if (length < 1) {
      throw new AncestralException(
          ErrorCode.SPEC, "length is " + length + "; a sequence has at least 1 character");
    }
    if (learnedEnd && example == Extent.BLOCK) {
      throw new AncestralException(
          ErrorCode.SPEC, "end is learned, but a block ends where its length is reached");
    }
  }

  /** In blocks of so many characters. */
  public Text(int length) {
    this(Extent.BLOCK, length, false);
  }

  @Override
  public List<Part> parts(Storage storage, InputFile file, long bytes) {
    return example == Extent.LINE
        ? LineParts.of(storage, file, bytes)
        : StreamedFormat.super.parts(storage, file, bytes);
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    return new Characters(this, storage, part, LineParts.open(storage, part));
  }

  @Override
  public boolean remembersValues() {
    return true;
  }

  @Override
  public EventSpec event(Profile profile) {
    List<String> vocabulary =
        new ArrayList<>(profile.distinct().keySet().stream().map(Character::toString).toList());
    if (!learnedEnd) {
      return new EventSpec(
          List.of(1),
          new EventSpec.Discrete(Math.max(2, vocabulary.size())),
          true,
          0,
          vocabulary,
          0);
    }
    if (vocabulary.contains(EventSpec.END)) {
      throw new AncestralException(
          ErrorCode.DATA,
          profile.distinct().get(EventSpec.END.codePointAt(0))
              + " is U+0003, which stands for the end of an example where 'end' is learned;"
              + " remove it from the text");
    }
    vocabulary.add(EventSpec.END);
    return EventSpec.endedSequences(vocabulary.size() - 1, vocabulary);
  }

  @Override
  public String description(Profile profile) {
    return profile.empty() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "%,d %s without any character %s no example%s",
            profile.empty(),
            example.name().toLowerCase(Locale.ROOT) + (profile.empty() == 1 ? "" : "s"),
            profile.empty() == 1 ? "is" : "are",
            profile.empty() == 1 ? "" : "s");
  }

  @Override
  public Function<int[], byte[]> encoder(EventSpec event) {
    Map<Integer, Integer> codes = new HashMap<>();
    for (String character : event.vocabulary()) {
      codes.put(character.codePointAt(0), codes.size());
    }
    Function<int[], byte[]> levels = StreamedFormat.super.encoder(event);
    return characters -> {
      int[] symbols = Arrays.copyOf(characters, characters.length + (learnedEnd ? 1 : 0));
      for (int i = 0; i < characters.length; i++) {
        symbols[i] = codes.get(characters[i]);
      }
      if (learnedEnd) {
        symbols[characters.length] = event.endSymbol();
      }
      return levels.apply(symbols);
    };
  }

  @Override
  public String toString() {
    return switch (example) {
      case BLOCK -> "text in sequences of " + length;
      case LINE -> "text, a line an example" + (learnedEnd ? ", ends learned" : "");
      case FILE -> "text, a file an example" + (learnedEnd ? ", ends learned" : "");
    };
  }

  private static final class Characters implements Reader {
    // Memory grows with the text, not with the length that was asked for.
    private static final int FIRST = 1 << 12;

    private final Text text;
    private final Storage storage;
    private final Part part;
    private final InputBytes bytes;
    private final long start;
    private int[] characters;
    private int count;
    private long begin;
    private long lines;
    private long empty;
    private boolean ended;

    Characters(Text text, Storage storage, Part part, InputBytes bytes) {
      this.text = text;
      this.storage = storage;
      this.part = part;
      this.bytes = bytes;
      start = bytes.offset();
    }

    @Override
    public int[] next() throws IOException {
      while (!ended && bytes.offset() < part.to()) {
        begin = bytes.offset();
        characters = new int[Math.min(text.length(), FIRST)];
        count = 0;
        lines++;
        if (text.example() == Extent.BLOCK) {
          readBlock();
          return count == 0 ? null : Arrays.copyOf(characters, count);
        }
        boolean any = text.example() == Extent.LINE ? readLine() : readFile();
        if (count > 0) {
          return Arrays.copyOf(characters, count);
        }
        empty += any ? 1 : 0;
      }
      return null;
    }

    private void readBlock() throws IOException {
      while (count < text.length()) {
        int character = meant();
        if (character < 0) {
          return;
        }
        add(character);
      }
    }

    /** Reads up to the end of a line; false if there was none, only the end of the file. */
    private boolean readLine() throws IOException {
      int character = meant();
      while (character >= 0 && character != '\n') {
        addOrRefuse(character);
        character = meant();
      }
      if (character < 0) {
        ended = true;
        return count > 0;
      }
      if (count > 0 && characters[count - 1] == '\r') {
        count--;
      }
      return true;
    }

    private boolean readFile() throws IOException {
      for (int character = meant(); character >= 0; character = meant()) {
        addOrRefuse(character);
      }
      ended = true;
      return true;
    }

    private void addOrRefuse(int character) throws IOException {
      if (count == text.length()) {
        throw new AncestralException(
            ErrorCode.DATA,
            bytes.path()
                + (text.example() == Extent.LINE
                    ? " line " + LineParts.line(storage, part, start, lines)
                    : "")
                + " has more than "
                + text.length()
                + " characters, the most that an example may have; cut it, or prepare the text"
                + " with example: block");
      }
      add(character);
    }

    private void add(int character) {
      if (count == characters.length) {
        characters = Arrays.copyOf(characters, Math.min(text.length(), 2 * count));
      }
      characters[count++] = character;
    }

    /** The next code point that is no byte order mark, or −1 at the end. */
    private int meant() throws IOException {
      boolean first = bytes.offset() == 0;
      int character = character();
      return first && character == BYTE_ORDER_MARK ? character() : character;
    }

    /** The next code point, or −1 at the end. */
    private int character() throws IOException {
      int first = bytes.read();
      if (first < 0x80) {
        return first;
      }
      long at = bytes.offset() - 1;
      int more = continuations(first);
      int character = first & (0x3F >> more);
      for (int i = 0; i < more; i++) {
        int next = bytes.read();
        if (next >> 6 != 2) {
          more = 0;
          break;
        }
        character = (character << 6) | (next & 0x3F);
      }
      if (more == 0 || character < LEAST[more] || !isScalar(character)) {
        throw new AncestralException(
            ErrorCode.DATA,
            bytes.path() + " is no UTF-8 at byte " + at + "; convert it to UTF-8 first");
      }
      return character;
    }

    /** Bytes that follow a first one of a character of several; 0 if there is no such first. */
    private static int continuations(int first) {
      if (first >= 0xC2 && first < 0xE0) {
        return 1;
      }
      return first >> 4 == 0xE ? 2 : first >> 3 == 0x1E ? 3 : 0;
    }

    private static boolean isScalar(int character) {
      boolean surrogate =
          character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
      return character <= Character.MAX_CODE_POINT && !surrogate;
    }

    @Override
    public List<Integer> shape() {
      return List.of(1);
    }

    @Override
    public int length() {
      return count + (text.learnedEnd() ? 1 : 0);
    }

    @Override
    public long empty() {
      return empty;
    }

    @Override
    public String where(int element) {
      String character = " character " + (element + 1);
      return bytes.path()
          + switch (text.example()) {
            case BLOCK -> character + " after byte " + begin;
            case LINE -> (start == 0 ? "" : " after byte " + start) + " line " + lines + character;
            case FILE -> character;
          };
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    private static final String END = "end";
    private static final String GIVEN = "given";
    private static final String LEARNED = "learned";

    @Override
    public String name() {
      return "text";
    }

    @Override
    public Source read(Settings settings) {
      Extent example =
          Extent.valueOf(
              settings.text("example", "block", "block", "line", "file").toUpperCase(Locale.ROOT));
      boolean learnedEnd = settings.text(END, GIVEN, GIVEN, LEARNED).equals(LEARNED);
      if (example == Extent.BLOCK) {
        if (learnedEnd) {
          settings.wrong(
              END,
              LEARNED,
              "left out, as a block ends where its length is reached; learn the ends of lines or"
                  + " files (example: line or file)");
        }
        return new Text(settings.count("length", 256, 1, LONGEST));
      }
      if (settings.has("length")) {
        settings.wrong(
            "length",
            settings.values().get("length"),
            "left out, as a line or a file has the characters that it has (example: block cuts"
                + " text into examples of a length)");
      }
      return new Text(example, LONGEST, learnedEnd);
    }
  }
}
