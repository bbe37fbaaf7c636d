{{/* Chart name, or nameOverride. */}}
{{- define "codesage-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Name of every object of the release: the release's name when that says codesage-operator already. 52 characters leave room for suffixes. */}}
{{- define "codesage-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "codesage-operator.name" . -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Cluster-scoped objects carry the namespace too, so that two releases of one name do not meet. */}}
{{- define "codesage-operator.clusterName" -}}
{{- if eq .Release.Namespace "codesage-system" -}}
{{- include "codesage-operator.fullname" . -}}
{{- else -}}
{{- printf "%s-%s" .Release.Namespace (include "codesage-operator.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- define "codesage-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "codesage-operator.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "codesage-operator.labels" -}}
{{ include "codesage-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: codesage
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{- define "codesage-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "codesage-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* repository@digest, or repository:tag. Takes (dict "image" … "appVersion" …). */}}
{{- define "codesage-operator.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (default .appVersion .image.tag) -}}
{{- end -}}
{{- end -}}

{{/* What the operator may do in a namespace that it watches. Each rule says why it is there; what is not needed is not granted. */}}
{{- define "codesage-operator.rules" -}}
# What people write. The operator reads it and never changes it.
- apiGroups: [codesage.dev]
  resources: [codesageservers, codesagebackups, codesagerestores]
  verbs: [list, watch]
# What it tells them.
- apiGroups: [codesage.dev]
  resources: [codesageservers/status, codesagebackups/status, codesagerestores/status]
  verbs: [patch]
# Owner references that block deletion need this where the OwnerReferencesPermissionEnforcement admission is on.
- apiGroups: [codesage.dev]
  resources: [codesageservers/finalizers]
  verbs: [update]
# The children of a CodeSageServer. Server-side apply needs create and patch; what is no longer wanted is deleted.
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: ['']
  resources: [configmaps, services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, list, watch, create, patch, delete]
# Claims hold the index. The operator makes and grows them, and has no right to delete one: under reclaimPolicy Delete
# the garbage collector does that.
- apiGroups: ['']
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch]
# The internal token of each server is made here; Secrets that a spec names are read one by one, by name. List and watch
# are used for metadata only (a changed Secret rolls the pods), but Kubernetes has no narrower verb for that.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
# Why pods are not ready (image, scheduling, memory) becomes a condition with a sentence. They are never written.
- apiGroups: ['']
  resources: [pods]
  verbs: [list, watch]
# What it did and what is wrong, shown by kubectl describe; a repetition is counted on the event that is there.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
