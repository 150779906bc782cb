package dev.ancestral.data.source.sequence;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.FileFormat;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.model.EventSpec;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * WAV files of 16-bit PCM, one channel, one sequence each, companded to 256 levels by the μ-law:
 * with s in [−1, 1), f(s) = sign(s) ln(1 + 255 |s|) / ln 256 and code = ⌊(f + 1)/2 · 255 + 0.5⌋
 * (van den Oord et al., WaveNet, 2016, section 2.2). A file whose size is not known, because it was
 * written to a pipe, is read to its end.
 *
 * @param labelPattern expression whose first group, on the file name, is the label; empty for none
 * @param include expression that the names of files to read match; empty for .wav
 */
public record Wav(String labelPattern, String include) implements FileFormat {
  private static final long serialVersionUID = 1L;
  // Two hours of 44,100 samples a second.
  private static final int MOST_BYTES = 1 << 30;
  private static final int PCM = 1;
  private static final int EXTENSIBLE = 0xFFFE;
  private static final Map<Integer, String> ENCODINGS =
      Map.of(
          PCM,
          "PCM",
          2,
          "ADPCM",
          3,
          "floating point",
          6,
          "A-law",
          7,
          "μ-law",
          0x11,
          "IMA ADPCM",
          0x55,
          "MP3",
          EXTENSIBLE,
          "extensible, with a sub-format of a kind of its own");
  private static final int SUBFORMAT = 24;
  private static final byte[] KINDS = {
    0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38, (byte) 0x9B, 0x71
  };
  // What programs that write to a pipe, and so cannot go back, put in the place of a size.
  private static final Set<Integer> UNKNOWN = Set.of(-1, 0x7FFFF000);

  public Wav {
    FileFormat.check("labelPattern", labelPattern);
    FileFormat.check("include", include);
  }

  /** The code of a sample of 16 bits. */
  public static int code(int sample) {
    double s = sample / 32768.0;
    double f = Math.signum(s) * StrictMath.log(1 + 255 * Math.abs(s)) / StrictMath.log(256);
    return (int) Math.floor((f + 1) / 2 * 255 + 0.5);
  }

  @Override
  public boolean accepts(String fileName) {
    return FileFormat.accepts(fileName, include, List.of(".wav"));
  }

  @Override
  public EventSpec event(Storage storage, InputFile file) {
    Sound sound = Sound.read(storage.read(file.path(), MOST_BYTES), file);
    return new EventSpec(
        List.of(1), new EventSpec.Discrete(256), true, 0, List.of(), sound.sampleRate());
  }

  @Override
  public Elements read(Storage storage, InputFile file, EventSpec encoding, String from) {
    Sound sound = Sound.read(storage.read(file.path(), MOST_BYTES), file);
    if (sound.sampleRate() != encoding.sampleRate()) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + " has "
              + sound.sampleRate()
              + " samples a second, but "
              + from
              + " and the dataset have "
              + encoding.sampleRate()
              + "; resample it first, or leave it out (include)");
    }
    byte[] payload = new byte[sound.samples().remaining()];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) code(sound.samples().get(i));
    }
    return new Elements(payload, payload.length);
  }

  @Override
  public String toString() {
    return "wav" + FileFormat.options(labelPattern, include);
  }

  /** The data of a file. */
  private record Sound(int sampleRate, ShortBuffer samples) {

    static Sound read(byte[] content, InputFile file) {
      ByteBuffer in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
      try {
        String begin = tag(in);
        int whole = in.getInt();
        if (!begin.equals("RIFF") || !tag(in).equals("WAVE")) {
          throw refusal(
              file,
              "is no WAV file: it does not begin with RIFF and WAVE; replace it, or leave it out");
        }
        int sampleRate = 0;
        while (true) {
          String chunk = tag(in);
          long size = in.getInt() & 0xFFFFFFFFL;
          boolean data = chunk.equals("data");
          if (data && (UNKNOWN.contains((int) size) || (size == 0 && isUnknown(whole)))) {
            size = in.remaining();
          }
          if (size > in.remaining()) {
            throw refusal(
                file,
                "is cut short at byte "
                    + content.length
                    + ": its part '"
                    + chunk
                    + "' should reach byte "
                    + (in.position() + size)
                    + "; get a whole copy of it");
          }
          ByteBuffer body = in.slice().order(ByteOrder.LITTLE_ENDIAN).limit((int) size);
          if (chunk.equals("fmt ")) {
            sampleRate = sampleRate(body, file);
          } else if (data) {
            return samples(sampleRate, body, in.position(), file);
          }
          in.position(in.position() + (int) Math.min(in.remaining(), size + (size & 1)));
        }
      } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
        throw refusal(
            file,
            "is cut short at byte " + content.length + ", before its data; get a whole copy of it");
      }
    }

    private static boolean isUnknown(int size) {
      return size == 0 || UNKNOWN.contains(size);
    }

    private static Sound samples(int sampleRate, ByteBuffer data, int at, InputFile file) {
      if (sampleRate == 0) {
        throw refusal(file, "has its data before their format; get a sound copy of it");
      }
      if (data.limit() % Short.BYTES != 0) {
        throw refusal(
            file,
            "ends at byte "
                + (at + data.limit())
                + " within a sample of 2 bytes; get a whole copy of it");
      }
      return new Sound(sampleRate, data.slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer());
    }

    private static int sampleRate(ByteBuffer format, InputFile file) {
      int kind = format.getShort(0) & 0xFFFF;
      int channels = format.getShort(2);
      int sampleRate = format.getInt(4);
      int bits = format.getShort(14);
      // The extensible format says what it is by a number of 16 bytes, the first two of which are
      // the kind where the others are those of all kinds.
      boolean standard =
          kind == EXTENSIBLE
              && format.limit() >= SUBFORMAT + KINDS.length + 2
              && format.slice(SUBFORMAT + 2, KINDS.length).equals(ByteBuffer.wrap(KINDS));
      int actual = standard ? format.getShort(SUBFORMAT) & 0xFFFF : kind;
      if (actual != PCM || bits != 16 || channels != 1 || sampleRate < 1) {
        throw refusal(
            file,
            "has encoding "
                + actual
                + " ("
                + ENCODINGS.getOrDefault(actual, "one that is not known here")
                + "), "
                + bits
                + " bits, "
                + channels
                + " channels, "
                + sampleRate
                + " samples a second; it must be PCM (1) of 16 bits with 1 channel: convert it");
      }
      return sampleRate;
    }

    private static String tag(ByteBuffer in) {
      byte[] tag = new byte[4];
      in.get(tag);
      return new String(tag, StandardCharsets.US_ASCII);
    }

    private static AncestralException refusal(InputFile file, String what) {
      return new AncestralException(ErrorCode.DATA, file + " " + what);
    }
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "wav";
    }

    @Override
    public Source read(Settings settings) {
      return new Wav(
          FileFormat.expression(settings, "labelPattern"),
          FileFormat.expression(settings, "include"));
    }
  }
}
