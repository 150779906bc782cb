package dev.ancestral.job.report;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.generate.Preview;
import dev.ancestral.job.generate.rows.RowPage;
import dev.ancestral.model.Batch;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A few samples or examples for a person: as pictures, as sounds with their waveforms, as text, or
 * as the rows of a table.
 *
 * @param content by the names that {@link Preview} gives
 * @param rows of a table, where the examples are such
 */
record SampleGallery(SortedMap<String, byte[]> content, Optional<RowPage> rows) {
  // A page is to be mailed; what is left out lies in the folder of the samples.
  private static final int MOST_SOUND_BYTES = 4 << 20;
  private static final int MOST_CHARACTERS = 20_000;
  // The driver reads a whole shard for a few of its examples.
  private static final long MOST_SHARD_BYTES = 256L << 20;

  /** Of a generation: what {@code --preview} has written, else its first samples. */
  static SampleGallery ofSamples(Storage storage, Path folder) {
    Optional<SampleGallery> drawn = ofRows(storage, folder);
    if (drawn.isPresent()) {
      return drawn.get();
    }
    SortedMap<String, byte[]> content = new TreeMap<>();
    if (storage.exists(folder)) {
      storage.list(folder).stream()
          .map(FileStatus::getPath)
          .filter(path -> Preview.isPreview(path.getName()))
          .forEach(path -> content.put(path.getName(), storage.read(path)));
    }
    if (content.isEmpty() && storage.exists(new Path(folder, GenerationManifest.FILE))) {
      GenerationManifest manifest = GenerationManifest.read(storage, folder);
      if (manifest.parts().get(0).bytes() <= MOST_SHARD_BYTES) {
        return of(Shard.read(storage, folder, manifest.event(), manifest.parts().get(0)));
      }
    }
    return new SampleGallery(content, Optional.empty());
  }

  /** The first samples where they are rows, which a page shows better than a text does. */
  private static Optional<SampleGallery> ofRows(Storage storage, Path folder) {
    if (!storage.exists(new Path(folder, GenerationManifest.FILE))) {
      return Optional.empty();
    }
    GenerationManifest manifest = GenerationManifest.read(storage, folder);
    return manifest.event().isRows() && manifest.parts().get(0).bytes() <= MOST_SHARD_BYTES
        ? Optional.of(of(Shard.read(storage, folder, manifest.event(), manifest.parts().get(0))))
        : Optional.empty();
  }

  /** The first examples of a split; nothing where the dataset has none. */
  static SampleGallery ofExamples(Dataset dataset, String split) {
    boolean there =
        dataset.manifest().splits().containsKey(split)
            && dataset.split(split).examples() > 0
            && dataset.memoryEstimate(split, 0) <= MOST_SHARD_BYTES;
    return there ? of(dataset.shard(split, 0)) : none();
  }

  private static SampleGallery of(Shard shard) {
    List<Batch> first =
        IntStream.range(0, Math.min(shard.size(), Preview.count(shard.event())))
            .mapToObj(row -> shard.batch(row, row + 1))
            .toList();
    if (first.isEmpty()) {
      return none();
    }
    return shard.event().isRows()
        ? new SampleGallery(new TreeMap<>(), Optional.of(RowPage.of(shard.event(), first)))
        : new SampleGallery(Preview.content(shard.event(), first), Optional.empty());
  }

  private static SampleGallery none() {
    return new SampleGallery(new TreeMap<>(), Optional.empty());
  }

  boolean isEmpty() {
    return content.isEmpty() && rows.isEmpty();
  }

  /** Puts them on a page under a heading; nothing where there are none. */
  void show(HtmlPage page, String heading) {
    rows.ifPresent(some -> page.grid(heading, some.columns(), some.rows(), some.numbers()));
    long soundBytes = 0;
    for (Map.Entry<String, byte[]> file : content.entrySet()) {
      String name = file.getKey();
      byte[] bytes = file.getValue();
      if (name.endsWith(".png")) {
        page.picture(heading, uri("image/png", bytes));
      } else if (name.endsWith(".wav")) {
        soundBytes += bytes.length;
        if (soundBytes <= MOST_SOUND_BYTES) {
          String title = heading + " · " + name.replaceAll("\\D", "");
          LineChart.sketch(page, title, "seconds", waveform(bytes));
          page.sound(uri("audio/wav", bytes));
        }
      } else if (name.endsWith(".txt")) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        page.verbatim(heading, text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
      }
    }
  }

  private static String uri(String type, byte[] content) {
    return "data:" + type + ";base64," + Base64.getEncoder().encodeToString(content);
  }

  /** Amplitudes in [−1, 1] by seconds. */
  private static Metrics.Curve waveform(byte[] wav) {
    try (AudioInputStream sound = AudioSystem.getAudioInputStream(new ByteArrayInputStream(wav))) {
      ShortBuffer samples =
          ByteBuffer.wrap(sound.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
      double rate = sound.getFormat().getSampleRate();
      List<Double> seconds = new ArrayList<>();
      List<Double> amplitudes = new ArrayList<>();
      for (int i = 0; i < samples.limit(); i++) {
        seconds.add(i / rate);
        amplitudes.add(samples.get(i) / (double) Short.MAX_VALUE);
      }
      return new Metrics.Curve(seconds, amplitudes);
    } catch (UnsupportedAudioFileException e) {
      throw new IllegalArgumentException("a preview that is no wav file", e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory does not fail", e);
    }
  }
}
