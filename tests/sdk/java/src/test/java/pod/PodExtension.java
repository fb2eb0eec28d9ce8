package pod;

import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives the {@link Home} of the run to who has one as a parameter, and to who has a {@link Pod} the one that serves the
 * whole run. JUnit closes both at its end.
 */
public final class PodExtension implements ParameterResolver {

  private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(PodExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Pod.class || type == Home.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Home home = ofTheRun(context, Home.class, Home::make);
    return parameter.getParameter().getType() == Home.class ? home : ofTheRun(context, Pod.class, home::start);
  }

  private static <T> T ofTheRun(ExtensionContext context, Class<T> type, Supplier<T> make) {
    return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(type, ignored -> make.get(), type);
  }
}
