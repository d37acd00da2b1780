"""Questions of concrete versions, before and after they are solved."""
