package dev.ancestral.cli;

import dev.ancestral.model.Condition;
import java.util.Arrays;
import java.util.Iterator;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a label is to a likelihood, as it is written on the command line. */
final class ConditionName implements ITypeConverter<Condition.Label>, Iterable<String> {
  @Override
  public Condition.Label convert(String value) {
    return Arrays.stream(Condition.Label.values())
        .filter(label -> label.text().equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "it is '" + value + "'; it must be none, label or joint"));
  }

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(Condition.Label.values()).map(Condition.Label::text).iterator();
  }
}
