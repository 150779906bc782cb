package dev.ancestral.data.source.sequence;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Text in UTF-8, plain or gzip: characters (code points) become their index in the vocabulary,
 * which is sorted; each file is cut into sequences of a fixed number of characters, of which the
 * last may be shorter.
 *
 * @param length characters of a sequence
 */
public record Text(int length) implements StreamedFormat {
  private static final long serialVersionUID = 1L;
  private static final int BYTE_ORDER_MARK = 0xFEFF;
  // The least character that needs so many continuation bytes: longer forms of others are wrong.
  private static final int[] LEAST = {0, 0x80, 0x800, 0x10000};

  public Text {
    if (length < 1) {
      throw new Refusal(
          Refusal.Kind.SPEC, "length is " + length + "; a sequence has at least 1 character");
    }
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    return new Characters(InputBytes.open(storage, part.file().path()), length);
  }

  @Override
  public boolean remembersValues() {
    return true;
  }

  @Override
  public EventSpec event(Profile profile) {
    List<String> vocabulary =
        profile.distinct().keySet().stream().map(Character::toString).toList();
    return new EventSpec(
        List.of(1), new EventSpec.Discrete(Math.max(2, vocabulary.size())), true, 0, vocabulary, 0);
  }

  @Override
  public Function<int[], byte[]> encoder(EventSpec event) {
    Map<Integer, Integer> codes = new HashMap<>();
    for (String character : event.vocabulary()) {
      codes.put(character.codePointAt(0), codes.size());
    }
    Function<int[], byte[]> levels = StreamedFormat.super.encoder(event);
    return characters -> levels.apply(Arrays.stream(characters).map(codes::get).toArray());
  }

  @Override
  public String toString() {
    return "text in sequences of " + length;
  }

  private static final class Characters implements Reader {
    // Memory grows with the text, not with the length that was asked for.
    private static final int FIRST = 1 << 12;

    private final InputBytes bytes;
    private final int longest;
    private long begin;
    private int count;

    Characters(InputBytes bytes, int longest) {
      this.bytes = bytes;
      this.longest = longest;
    }

    @Override
    public int[] next() throws IOException {
      begin = bytes.offset();
      int[] characters = new int[Math.min(longest, FIRST)];
      count = 0;
      while (count < longest) {
        long at = bytes.offset();
        int character = character();
        if (character < 0) {
          break;
        }
        if (at > 0 || character != BYTE_ORDER_MARK) {
          if (count == characters.length) {
            characters = Arrays.copyOf(characters, Math.min(longest, 2 * count));
          }
          characters[count++] = character;
        }
      }
      return count == 0 ? null : Arrays.copyOf(characters, count);
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
        throw new Refusal(
            Refusal.Kind.DATA,
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
      return count;
    }

    @Override
    public String where(int element) {
      return bytes.path() + " character " + (element + 1) + " after byte " + begin;
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "text";
    }

    @Override
    public Source read(Settings settings) {
      return new Text(settings.count("length", 256, 1, 1 << 24));
    }
  }
}
