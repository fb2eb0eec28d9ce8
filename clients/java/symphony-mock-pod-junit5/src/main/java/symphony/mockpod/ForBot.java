package symphony.mockpod;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Whose a parameter of the type {@code BdkConfig} or {@link Bot} is; without it, that of the bot {@code bot}. */
@Documented
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
public @interface ForBot {

  /** The user name. */
  String value();
}
