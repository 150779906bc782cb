package dev.ancestral.job.report;

import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.Preview;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The first samples of a generation, for a person: what {@code --preview} has written, as pictures,
 * as sounds with their waveforms, or as text.
 */
final class SampleGallery {
  // A page is to be mailed; what is left out lies in the folder of the samples.
  private static final int MOST_SOUND_BYTES = 4 << 20;
  private static final int MOST_CHARACTERS = 20_000;
  private static final int BINS = 430;

  private final Storage storage;
  private final Path folder;

  /** Of the generation in a folder. */
  SampleGallery(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** Puts them on a page; nothing where there is no preview. */
  void show(HtmlPage page) {
    long soundBytes = 0;
    for (Path file : previews()) {
      String name = file.getName();
      if (name.endsWith(".png")) {
        page.picture("Samples", uri("image/png", storage.read(file)));
      } else if (name.endsWith(".wav")) {
        byte[] wav = storage.read(file);
        soundBytes += wav.length;
        if (soundBytes <= MOST_SOUND_BYTES) {
          String title = "Sample " + name.replaceAll("\\D", "");
          LineChart.draw(page, title, "seconds", "amplitude", Map.of("amplitude", waveform(wav)));
          page.sound(uri("audio/wav", wav));
        }
      } else if (name.endsWith(".txt")) {
        String text = new String(storage.read(file), StandardCharsets.UTF_8);
        page.verbatim("Samples", text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
      }
    }
  }

  private List<Path> previews() {
    if (!storage.exists(folder)) {
      return List.of();
    }
    return storage.list(folder).stream()
        .map(FileStatus::getPath)
        .filter(path -> Preview.isPreview(path.getName()))
        .sorted()
        .toList();
  }

  private static String uri(String type, byte[] content) {
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(content);
  }

  /** The lowest and the highest amplitude of each of some hundred stretches, in [−1, 1]. */
  private static Metrics.Curve waveform(byte[] wav) {
    try (AudioInputStream sound = AudioSystem.getAudioInputStream(new ByteArrayInputStream(wav))) {
      ShortBuffer samples =
          ByteBuffer.wrap(sound.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
      double rate = sound.getFormat().getSampleRate();
      int count = samples.remaining();
      int bins = Math.min(BINS, count);
      List<Double> seconds = new ArrayList<>();
      List<Double> amplitudes = new ArrayList<>();
      for (int bin = 0; bin < bins; bin++) {
        int from = (int) ((long) bin * count / bins);
        int to = (int) ((bin + 1L) * count / bins);
        short lowest = Short.MAX_VALUE;
        short highest = Short.MIN_VALUE;
        for (int i = from; i < to; i++) {
          lowest = (short) Math.min(lowest, samples.get(i));
          highest = (short) Math.max(highest, samples.get(i));
        }
        seconds.add(from / rate);
        amplitudes.add(lowest / (double) Short.MAX_VALUE);
        seconds.add(from / rate);
        amplitudes.add(highest / (double) Short.MAX_VALUE);
      }
      return new Metrics.Curve(seconds, amplitudes);
    } catch (UnsupportedAudioFileException e) {
      throw new IllegalArgumentException("a preview that is no wav file", e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory does not fail", e);
    }
  }
}
