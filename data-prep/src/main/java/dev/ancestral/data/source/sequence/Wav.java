package dev.ancestral.data.source.sequence;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.FileFormat;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.Sources;
import dev.ancestral.model.EventSpec;
import java.util.List;

/**
 * WAV files, one sequence each, companded to 256 levels by the μ-law: with the amplitude s in [−1,
 * 1], f(s) = sign(s) ln(1 + 255 |s|) / ln 256 and code = ⌊(f + 1)/2 · 255 + 0.5⌋ (van den Oord et
 * al., WaveNet, 2016, section 2.2).
 *
 * <p>One rule for all encodings: s is the stored number divided by full scale, 2ⁿ⁻¹ for whole
 * numbers of n bits (those of 8 bits less 128 first) and 1 for floating point, in float64 and
 * without rounding before the code. Beside silence a level is 1.7·10⁻⁴ of full scale wide, 5.6
 * units of 16 bits; what finer encodings tell apart there becomes equal.
 *
 * @param labelPattern expression whose first group, on the file name, is the label; empty for none
 * @param include expression that the names of files to read match; empty for .wav
 * @param channel which channel is read of files with more than one: its number from 1, {@code left}
 *     (1), {@code right} (2), or {@code mix}, the mean of all; empty to refuse such files
 */
public record Wav(String labelPattern, String include, String channel) implements FileFormat {
  private static final long serialVersionUID = 1L;
  // Two hours of 44,100 samples of 24 bits a second.
  private static final int MOST_BYTES = 1 << 30;
  private static final String MIX = "mix";
  private static final String CHANNELS = "left, right, mix or the number of a channel, from 1";

  public Wav {
    FileFormat.check("labelPattern", labelPattern);
    FileFormat.check("include", include);
    if (!channel.matches("|left|right|mix|[1-9]\\d{0,4}")) {
      throw new AncestralException(
          ErrorCode.SPEC, "channel is '" + channel + "'; it must be " + CHANNELS);
    }
  }

  /** Of files with one channel. */
  public Wav(String labelPattern, String include) {
    this(labelPattern, include, "");
  }

  /** The code of a sample of 16 bits. */
  public static int code(int sample) {
    return code(sample / 32768.0);
  }

  /**
   * The code of an amplitude.
   *
   * @param s from −1 to 1
   */
  static int code(double s) {
    double f = Math.signum(s) * StrictMath.log(1 + 255 * Math.abs(s)) / StrictMath.log(256);
    return (int) Math.floor((f + 1) / 2 * 255 + 0.5);
  }

  @Override
  public boolean accepts(String fileName) {
    return FileFormat.accepts(fileName, include, List.of(".wav"));
  }

  @Override
  public EventSpec event(Storage storage, InputFile file) {
    WavFile sound = WavFile.read(storage.read(file.path(), MOST_BYTES), file);
    return new EventSpec(
        List.of(1), new EventSpec.Discrete(256), true, 0, List.of(), sound.sampleRate());
  }

  @Override
  public Elements read(Storage storage, InputFile file, EventSpec encoding, String from) {
    WavFile sound = WavFile.read(storage.read(file.path(), MOST_BYTES), file);
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
              + "; nothing is resampled here: resample it first, or leave it out (include)");
    }
    boolean mixed = channel.equals(MIX);
    int read = mixed ? 0 : index(sound);
    byte[] payload = new byte[sound.frames()];
    for (int t = 0; t < payload.length; t++) {
      payload[t] = (byte) code(mixed ? sound.mean(t) : sound.amplitude(t, read));
    }
    return new Elements(payload, payload.length);
  }

  /** The channel that is read, from 0. */
  private int index(WavFile sound) {
    if (channel.isEmpty() && sound.channels() > 1) {
      throw WavFile.refusal(
          sound.file(),
          "has "
              + sound.channels()
              + " channels, and an example has one; say which by channel (--channel): "
              + CHANNELS);
    }
    int wanted =
        switch (channel) {
          case "", "left" -> 1;
          case "right" -> 2;
          default -> Integer.parseInt(channel);
        };
    if (wanted > sound.channels()) {
      throw WavFile.refusal(
          sound.file(),
          "has "
              + sound.channels()
              + (sound.channels() == 1 ? " channel" : " channels")
              + ", but channel "
              + wanted
              + " is asked for; ask for one that is there, or leave it out (include)");
    }
    return wanted - 1;
  }

  @Override
  public String toString() {
    return "wav"
        + FileFormat.options(labelPattern, include)
        + (channel.isEmpty() ? "" : " by channel " + channel);
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
          FileFormat.expression(settings, "include"),
          Sources.parsed(
              settings, "channel", "", CHANNELS, text -> new Wav("", "", text).channel(), ""));
    }
  }
}
