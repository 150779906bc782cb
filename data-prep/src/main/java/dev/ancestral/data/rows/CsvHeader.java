package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Serializable;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * Reads the header of a CSV file by the options of Spark's reader.
 *
 * @param delimiter between fields
 * @param quote around fields, or 0 for none
 * @param escape of a quote within quotes
 * @param comment at the beginning of lines that do not count, or 0 for none
 * @param encoding of the file
 */
record CsvHeader(String delimiter, char quote, char escape, char comment, String encoding)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_CHARACTERS = 1 << 22;
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  /** By the options of an input. */
  static CsvHeader of(RowInput input) {
    return new CsvHeader(
        unescaped(either(input, "sep", "delimiter", ",")),
        character(either(input, "quote", "quote", "\"")),
        character(either(input, "escape", "escape", "\"")),
        character(either(input, "comment", "comment", "")),
        either(input, "encoding", "charset", StandardCharsets.UTF_8.name()));
  }

  private static String either(RowInput input, String name, String other, String byDefault) {
    String value = input.option(name) == null ? input.option(other) : input.option(name);
    return value == null ? byDefault : value;
  }

  private static String unescaped(String text) {
    return text.replace("\\t", "\t").replace("\\\\", "\\");
  }

  private static char character(String text) {
    String plain = unescaped(text);
    return plain.isEmpty() ? 0 : plain.charAt(0);
  }

  /**
   * The names in the first record, unlike ones: those without a name are called {@code Unnamed: 0}
   * by their position, and those that repeat a name {@code x.1}. None if there is no record.
   *
   * @throws AncestralException (DATA) if the file is damaged
   */
  List<String> names(Storage storage, String uri) {
    Path path = new Path(URI.create(uri));
    List<String> names = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    try (InputStream in = open(storage, path);
        PushbackReader reader =
            new PushbackReader(
                new BufferedReader(new InputStreamReader(in, Charset.forName(encoding))),
                Math.max(1, delimiter.length()))) {
      List<String> fields = record(reader, path);
      for (int f = 0; f < fields.size(); f++) {
        String wanted = fields.get(f).isEmpty() ? "Unnamed: " + f : fields.get(f);
        String unique = wanted;
        for (int again = 1; !taken.add(unique); again++) {
          unique = wanted + "." + again;
        }
        names.add(unique);
      }
    } catch (IOException e) {
      throw InputBytes.refusal(path, e);
    } catch (IllegalArgumentException e) { // of a charset that is none
      throw new AncestralException(
          ErrorCode.SPEC, "encoding is " + encoding + "; it must be one that Java knows", e);
    }
    return names;
  }

  private static InputStream open(Storage storage, Path path) throws IOException {
    CompressionCodec codec =
        new CompressionCodecFactory(storage.fileSystem(path).getConf()).getCodec(path);
    if (codec == null || path.getName().endsWith(".gz")) {
      return InputBytes.open(storage, path).stream();
    }
    return codec.createInputStream(storage.open(path));
  }

  private List<String> record(PushbackReader in, Path path) throws IOException {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    boolean any = false;
    for (int read = 0; read < MOST_CHARACTERS; read++) {
      int next = in.read();
      if (read == 0 && next == BYTE_ORDER_MARK) {
        continue;
      }
      if (next < 0 || (!quoted && (next == '\n' || next == '\r'))) {
        boolean blank = fields.isEmpty() && field.toString().isBlank() && !any;
        if (next >= 0 && (blank || isComment(fields, field))) {
          field.setLength(0);
          any = false;
          continue;
        }
        if (!blank && !isComment(fields, field)) {
          fields.add(field.toString().strip());
        }
        return fields;
      }
      char character = (char) next;
      if (quoted && character == escape && follows(in, quote)) {
        field.append(quote);
      } else if (character == quote && quote != 0) {
        quoted = !quoted;
        any = true;
      } else if (!quoted && isDelimiter(in, character)) {
        fields.add(field.toString().strip());
        field.setLength(0);
      } else {
        field.append(character);
      }
    }
    throw new AncestralException(
        ErrorCode.DATA,
        path
            + " has a header of more than "
            + MOST_CHARACTERS
            + " characters; check that it is a CSV file, and its delimiter and quotes");
  }

  private boolean isComment(List<String> fields, StringBuilder field) {
    String first = fields.isEmpty() ? field.toString() : fields.get(0);
    return comment != 0 && !first.isEmpty() && first.charAt(0) == comment;
  }

  /** Reads a character if it is this one. */
  private static boolean follows(PushbackReader in, char wanted) throws IOException {
    int next = in.read();
    if (next == wanted) {
      return true;
    }
    if (next >= 0) {
      in.unread(next);
    }
    return false;
  }

  private boolean isDelimiter(PushbackReader in, char first) throws IOException {
    if (first != delimiter.charAt(0)) {
      return false;
    }
    for (int i = 1; i < delimiter.length(); i++) {
      if (!follows(in, delimiter.charAt(i))) {
        for (int back = i - 1; back > 0; back--) {
          in.unread(delimiter.charAt(back));
        }
        return false;
      }
    }
    return true;
  }
}
