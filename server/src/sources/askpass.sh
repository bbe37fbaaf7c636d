#!/bin/sh
# Answers git's question for a user name or password from files, and only for the host that they are meant for.
case "$1" in
  *"//$CODESAGE_GIT_HOST'"* | *"//$CODESAGE_GIT_HOST/"* | *"@$CODESAGE_GIT_HOST'"* | *"@$CODESAGE_GIT_HOST/"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*)
    if [ -r "$CODESAGE_GIT_CREDENTIALS/username" ]; then
      head -n 1 "$CODESAGE_GIT_CREDENTIALS/username"
    else
      # Hosts that take tokens accept any user name.
      echo git
    fi
    ;;
  *) head -n 1 "$CODESAGE_GIT_CREDENTIALS/password" ;;
esac
