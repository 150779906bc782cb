package dev.ancestral.data.source.sequence;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.source.InputFile;
import java.math.BigDecimal;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The data of a WAV file: RIFF, or RF64 and BW64, whose part {@code ds64} holds the sizes that do
 * not fit into 32 bits (EBU Tech 3306; ITU-R BS.2088). A file whose size is not known, because it
 * was written to a pipe, is read to its end.
 *
 * @param file for messages
 * @param sampleRate in hertz
 * @param channels how many samples belong to one time
 * @param encoding of each sample
 * @param data the samples, those of one time side by side
 * @param at the byte of the file at which the data begin
 */
record WavFile(
    InputFile file,
    int sampleRate,
    int channels,
    SampleEncoding encoding,
    ByteBuffer data,
    int at) {
  private static final int EXTENSIBLE = 0xFFFE;
  private static final Map<Integer, String> ENCODINGS =
      Map.of(
          SampleEncoding.PCM,
          "PCM",
          2,
          "ADPCM",
          SampleEncoding.FLOAT,
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
  private static final long UNSIGNED = 0xFFFFFFFFL;

  /**
   * Reads a file up to its data.
   *
   * @throws AncestralException (DATA) if it is no WAV file, damaged, or of an encoding that is not
   *     read
   */
  static WavFile read(byte[] content, InputFile file) {
    return new Parser(content, file).read();
  }

  /** How many times have a sample of each channel. */
  int frames() {
    return data.limit() / (channels * encoding.bytes());
  }

  /**
   * The amplitude of a channel at a time.
   *
   * @param channel from 0
   */
  double amplitude(int frame, int channel) {
    return stored(frame, channel) / encoding.fullScale();
  }

  /**
   * The mean of all channels at a time: the float64 nearest to their exact sum, divided by their
   * number.
   */
  double mean(int frame) {
    double sum = 0;
    boolean exact = true;
    for (int channel = 0; channel < channels; channel++) {
      double next = stored(frame, channel);
      double before = sum;
      sum = before + next;
      // What rounding took from the sum (Knuth, The Art of Computer Programming 2, 4.2.2).
      double virtual = sum - before;
      exact &= before - (sum - virtual) + (next - virtual) == 0;
    }
    if (!exact && channels > 2) { // Of two the first sum is the nearest float64 already.
      BigDecimal all = BigDecimal.ZERO;
      for (int channel = 0; channel < channels; channel++) {
        all = all.add(new BigDecimal(stored(frame, channel)));
      }
      sum = all.doubleValue();
    }
    return sum / channels / encoding.fullScale();
  }

  private double stored(int frame, int channel) {
    int from = (frame * channels + channel) * encoding.bytes();
    double stored = encoding.stored(data, from);
    if (!(Math.abs(stored) <= encoding.fullScale())) {
      throw refusal(
          file,
          "has the value "
              + stored
              + " at byte "
              + (at + from)
              + ", in sample "
              + (frame + 1)
              + " of channel "
              + (channel + 1)
              + "; samples of floating point must be numbers from -1 to 1: scale them, or leave the"
              + " file out (include)");
    }
    return stored;
  }

  static AncestralException refusal(InputFile file, String what) {
    return new AncestralException(ErrorCode.DATA, file + " " + what);
  }

  /** What the part {@code fmt } says. */
  private record Format(int sampleRate, int channels, SampleEncoding encoding) {}

  /** Goes from part to part. */
  private static final class Parser {
    private final byte[] content;
    private final InputFile file;
    private final ByteBuffer in;
    private final Map<String, Long> large = new HashMap<>();
    private Format format;

    Parser(byte[] content, InputFile file) {
      this.content = content;
      this.file = file;
      in = ByteBuffer.wrap(content).order(LITTLE_ENDIAN);
    }

    WavFile read() {
      try {
        String begin = tag();
        int whole = in.getInt();
        boolean wide = begin.equals("RF64") || begin.equals("BW64");
        if (!(begin.equals("RIFF") || wide) || !tag().equals("WAVE")) {
          throw refusal(
              file,
              "is no WAV file: it does not begin with RIFF (or RF64, BW64) and WAVE; replace it, or"
                  + " leave it out");
        }
        while (true) {
          String chunk = tag();
          long size = size(chunk, in.getInt(), whole, wide);
          if (size < 0 || size > in.remaining()) {
            throw refusal(
                file,
                "is cut short at byte "
                    + content.length
                    + ": its part '"
                    + chunk
                    + "' should reach byte "
                    + (size < 0 ? Long.toUnsignedString(size) : in.position() + size)
                    + "; get a whole copy of it");
          }
          ByteBuffer body = in.slice().order(LITTLE_ENDIAN).limit((int) size);
          switch (chunk) {
            case "ds64" -> largeSizes(body);
            case "fmt " -> format = format(body);
            case "data" -> {
              return samples(body);
            }
            default -> {
              // Nothing else says what a sample is.
            }
          }
          in.position(in.position() + (int) Math.min(in.remaining(), size + (size & 1)));
        }
      } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
        throw refusal(
            file,
            "is cut short at byte " + content.length + ", before its data; get a whole copy of it");
      }
    }

    private String tag() {
      byte[] tag = new byte[4];
      in.get(tag);
      return new String(tag, StandardCharsets.US_ASCII);
    }

    /** The bytes of a part, of the data those that are there if the file does not know. */
    private long size(String chunk, int claimed, int whole, boolean wide) {
      boolean data = chunk.equals("data");
      if (wide && claimed == -1 && (large.containsKey(chunk) || !data)) {
        Long size = large.get(chunk);
        if (size == null) {
          throw refusal(
              file,
              "has no size of its part '"
                  + chunk
                  + "' at byte "
                  + (in.position() - 8)
                  + ": it must stand in a part ds64 before it; get a sound copy of it");
        }
        return data && size == -1 ? in.remaining() : size;
      }
      boolean open = UNKNOWN.contains(claimed) || (claimed == 0 && isUnknown(whole) && !wide);
      return data && open ? in.remaining() : claimed & UNSIGNED;
    }

    private static boolean isUnknown(int size) {
      return size == 0 || UNKNOWN.contains(size);
    }

    /** Sizes of the file, of the data and of all samples, then those of other parts by name. */
    private void largeSizes(ByteBuffer body) {
      large.put("data", body.getLong(8));
      long others = body.getInt(24) & UNSIGNED;
      body.position(28);
      for (long i = 0; i < others; i++) {
        byte[] tag = new byte[4];
        body.get(tag);
        large.putIfAbsent(new String(tag, StandardCharsets.US_ASCII), body.getLong());
      }
    }

    private WavFile samples(ByteBuffer body) {
      if (format == null) {
        throw refusal(file, "has its data before their format; get a sound copy of it");
      }
      int bytes = format.encoding().bytes();
      if (body.limit() % (format.channels() * bytes) != 0) {
        throw refusal(
            file,
            "ends at byte "
                + (in.position() + body.limit())
                + " within a sample of "
                + bytes
                + " bytes"
                + (format.channels() == 1 ? "" : " or between " + format.channels() + " channels")
                + "; get a whole copy of it");
      }
      ByteBuffer data = body.slice().order(LITTLE_ENDIAN);
      return new WavFile(
          file, format.sampleRate(), format.channels(), format.encoding(), data, in.position());
    }

    private Format format(ByteBuffer body) {
      int kind = body.getShort(0) & 0xFFFF;
      int channels = body.getShort(2) & 0xFFFF;
      int sampleRate = body.getInt(4);
      int block = body.getShort(12) & 0xFFFF;
      int bits = body.getShort(14) & 0xFFFF;
      // The extensible format says what it is by a number of 16 bytes, the first two of which are
      // the kind where the others are those of all kinds. Where fewer bits count than are stored,
      // they are the upper ones, so the value is the same.
      boolean standard =
          kind == EXTENSIBLE
              && body.limit() >= SUBFORMAT + KINDS.length + 2
              && body.slice(SUBFORMAT + 2, KINDS.length).equals(ByteBuffer.wrap(KINDS));
      int actual = standard ? body.getShort(SUBFORMAT) & 0xFFFF : kind;
      Optional<SampleEncoding> encoding = SampleEncoding.of(actual, bits);
      if (encoding.isEmpty() || channels < 1 || sampleRate < 1) {
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
                + " samples a second; it must be PCM (1) of 8, 16, 24 or 32 bits or floating point"
                + " (3) of 32 or 64, with a channel and a rate: convert it");
      }
      if (block != channels * encoding.get().bytes()) {
        throw refusal(
            file,
            "says that the samples of one time take "
                + block
                + " bytes, but "
                + channels
                + " of "
                + bits
                + " bits take "
                + channels * encoding.get().bytes()
                + "; get a sound copy of it, or convert it");
      }
      return new Format(sampleRate, channels, encoding.get());
    }
  }
}
