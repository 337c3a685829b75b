// Rules that the build layer reports when it plans images.
#include "catalogue.hpp"

namespace liminal::rules {

const Rule secret_in_source{
    .id = "secret-in-source",
    .severity = Severity::warning,
    .summary = "A file that usually holds secrets would become part of an image.",
    .explanation =
        R"(Whatever is in an image's `source` and not in its `.dockerignore` is packed, and whoever may pull the image can read it. Told by the commands that plan
images (`plan`, `build`, `run`, `deploy`, `ci`): `.env` and its kind (not `.env.example`), `.netrc`, `.pypirc`, `.pgpass`, `.git-credentials`, `.htpasswd`, private
SSH keys, key stores, the credentials of AWS, Docker and Kubernetes, and the files of the system's own `secrets`. Write the file into
`.dockerignore`, and give the task the value through `secrets` or `env_vars`.)",
    .bad = {},
    .good = {},
};

const Rule unpinned_image{
    .id = "unpinned-image",
    .severity = Severity::warning,
    .summary = "An image of the file is written into objects and DAGs by its name alone.",
    .explanation =
        R"(Told by `deploy` where it writes for an image that was not built here and whose content is not known, so that neither digest nor tag can be named. A
cluster then pulls whatever stands under that name, `latest`, in a public registry. Build the image first (`build --push`), make its base
reachable, or give `image` a tag or a digest.)",
    .bad = {},
    .good = {},
};

}  // namespace liminal::rules
