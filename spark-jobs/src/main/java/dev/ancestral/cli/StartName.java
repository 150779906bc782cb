package dev.ancestral.cli;

import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The starts of annealed importance sampling as they are written on the command line. */
final class StartName implements ITypeConverter<Start>, Iterable<String> {
  @Override
  public Start convert(String value) {
    return Arrays.stream(Start.values())
        .filter(start -> name(start).equals(value))
        .findFirst()
        .orElseThrow(
            () -> new TypeConversionException("it is '" + value + "'; it must be mode or prior"));
  }

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(Start.values()).map(StartName::name).iterator();
  }

  private static String name(Start start) {
    return start.name().toLowerCase(Locale.ROOT);
  }
}
