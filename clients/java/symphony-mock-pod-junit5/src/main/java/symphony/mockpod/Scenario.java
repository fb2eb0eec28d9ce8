package symphony.mockpod;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the test's pod begins with, instead of the server's seed. That of a method goes before that of its class. */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Scenario {

  /**
   * A document in YAML or JSON if it has several lines or begins with a brace; else the name of a file with one: a
   * resource, as the test's class finds it, or a path.
   */
  String value();
}
